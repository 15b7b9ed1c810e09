# Signing in on the provider's own page, in Portuguese. Gaps as in hosted.ftl.

next-elsewhere = Você entra em { $provider }. { $app } nunca vê sua senha.

## The way there

elsewhere-title = Entre em { $provider }
elsewhere-lead = { $provider } pergunta na própria página e traz você de volta. Ninguém aqui vê sua senha.
elsewhere-go = Continuar para { $provider }
elsewhere-underway-title = Termine em { $provider }
elsewhere-underway-lead = Entre na página de { $provider } que se abriu. Você volta automaticamente.
elsewhere-waiting = Aguardando { $provider }. Esta página continua sozinha.
elsewhere-again = Abrir { $provider } de novo
elsewhere-denied = Você disse não em { $provider }. Continue para tentar de novo ou cancele.
elsewhere-leaving-title = Levando você para { $provider }
elsewhere-leaving-lead = Se nada acontecer, use o botão.

## The way back

elsewhere-back-title = Você voltou
elsewhere-back-lead = Continue para conectar { $provider } a { $app }.
elsewhere-close-title = Você pode fechar esta janela
elsewhere-close-lead = A página em que você começou continua sozinha.
elsewhere-other-title = Isto não começou aqui
elsewhere-other-lead = Você voltou em outro navegador, ou tarde demais. Nada foi conectado. Comece de novo pelo aplicativo que enviou você.
elsewhere-stray-title = Falta algo aqui
elsewhere-stray-lead = A resposta que trouxe você aqui não está completa. Nada foi conectado. Volte para onde você estava e comece de novo.
