# The hosted pages in Portuguese, as it is written in Brazil. Keys and values as in the English file.

language-name = Português
document-title = { $title } · { $app }

## Around every page

secured-by = Protegido pelo Linchpin
language-choice = Idioma: português
theme-choice = Aparência
theme-auto = Aparência automática
theme-light = Aparência clara
theme-dark = Aparência escura
time-left = Restam { $time } para concluir
offline = Não foi possível acessar o servidor. Verifique sua conexão; o que você digitou continua aqui.
try-again = Tentar novamente
still-working = Só mais um momento
still-checking = A verificação com { $provider } continua
covered = Algo está cobrindo esta página. Descubra-a e pressione novamente.
look-again = Verificar novamente
cancel = Cancelar
continue = Continuar
link-website = Site
link-privacy = Privacidade
link-terms = Termos
link-support = Ajuda
back-to-app = Voltar para { $app }

## Sandbox

sandbox-banner = Ambiente de testes: nada aqui é real
sandbox-accounts = Contas de teste
sandbox-password = Senha de todas as contas: { $password }
sandbox-fill = Usar
sandbox-fill-label = Usar { $email }
sandbox-creator = Criador
sandbox-fan = Fã
sandbox-app-code = Código do app autenticador 123456
sandbox-texted-code = Código recebido por SMS 123456
sandbox-approval = Aprovação em outro dispositivo, concedida após 3 segundos
sandbox-locked = A conta está bloqueada
sandbox-slow = A verificação leva 5 segundos
sandbox-unavailable = O provedor está fora do ar
sandbox-short-lived = Conexão que termina sozinha
sandbox-emailed-code = Código recebido por e-mail 123456
sandbox-choice = Três formas à escolha, códigos 123456
sandbox-question = Pergunta de segurança, resposta blue
sandbox-challenge = Imagem que mostra o que digitar

sandbox-permission-profile-read = Seu perfil: nome, nome de usuário e foto
sandbox-permission-profile-write = Editar seu perfil: nome, descrição e foto
sandbox-permission-posts-read = Suas publicações, inclusive as agendadas
sandbox-permission-posts-write = Publicar, editar e excluir publicações em seu nome
sandbox-permission-messages-read = Suas mensagens e quem as escreveu
sandbox-permission-messages-write = Enviar mensagens aos seus assinantes em seu nome
sandbox-permission-subscribers-read = Quem assina seu perfil e desde quando
sandbox-permission-subscribers-write = Organizar seus assinantes em listas, silenciá-los e bloqueá-los
sandbox-permission-vault-read = Seu acervo: fotos e vídeos, inclusive os não publicados
sandbox-permission-analytics-read = Suas estatísticas: visitas, curtidas e crescimento
sandbox-permission-earnings-read = Seus ganhos: pagamentos, gorjetas e saques
sandbox-permission-notifications-read = Suas notificações

## Before the sign-in

pre-login-title = Conectar { $provider } a { $app }
pre-login-title-choice = Conectar uma conta a { $app }
pre-login-lead = { $app } ({ $domain }) gostaria de usar sua conta.
pre-login-lead-no-domain = { $app } gostaria de usar sua conta.
reconnect-title = Entrar novamente em { $provider }
reconnect-lead = { $app } ({ $domain }) perdeu a conexão com sua conta.
reconnect-lead-no-domain = { $app } perdeu a conexão com sua conta.
choose-provider = Qual conta?
next-choose = Você escolhe o que { $app } pode ver e alterar.
next-sign-in = Você entra na conta. Sua senha é usada uma única vez e não é guardada.
next-return = Você volta para { $app } e pode encerrar a conexão por lá.

## Permissions

authorization-title = O que { $app } pode fazer?
authorization-lead = É isto que o app pede na sua conta { $provider }.
can-see = Pode ver
can-change = Pode alterar
permission-required = Obrigatório
permission-new = Novo
permission-risky = Sensível
kept-what = O que é guardado
kept-what-answer = Seu nome, seu nome de usuário e o que você permitir aqui. Nunca sua senha.
kept-how-long = Por quanto tempo
kept-how-long-answer = Até que você ou { $app } encerre a conexão.
kept-end = Como encerrar
kept-end-answer = Desconecte sua conta em { $app } quando quiser.
allow = Permitir e continuar
decline = Recusar

## Sign-in

login-title = Entrar em { $provider }
login-lead = Sua conta será conectada a { $app }.
username = E-mail ou nome de usuário
email = Endereço de e-mail
password = Senha
password-show = Mostrar
password-hide = Ocultar
password-note = Usada uma única vez para entrar; não é guardada.
caps-lock = O Caps Lock está ativado.
sign-in = Entrar
login-wrong =
    { $count ->
        [one] O nome de usuário e a senha não conferem. Resta { $count } tentativa.
       *[other] O nome de usuário e a senha não conferem. Restam { $count } tentativas.
    }
login-unknown-sandbox-domain = No ambiente de testes, só funcionam as contas de teste acima.
login-incomplete-username = Digite seu e-mail ou nome de usuário.
login-incomplete-email = Digite seu endereço de e-mail.
login-incomplete-password = Digite sua senha.
login-different-account = Esta é outra conta. Entre na que estava conectada antes.
login-linked-to-another-user = Outra pessoa já conectou esta conta em { $app }. Use outra conta.
provider-unavailable = { $provider } não está respondendo no momento. Aguarde um pouco e tente novamente.
declined = A solicitação foi recusada no seu outro dispositivo. Entre novamente para fazer outra tentativa.
interrupted = Demoramos demais, e isso não conta como tentativa. Tente novamente, por favor.

## Second factor

code-app-title = Digite o código do autenticador
code-app-lead = Abra seu app autenticador e copie o código de { $provider }.
code-phone-title = Digite o código recebido por SMS
code-phone-lead = { $provider } enviou o código para o seu número com final { $digits }.
code-email-title = Digite o código recebido por e-mail
code-email-lead = { $provider } enviou o código para { $hint }. Pode levar um minuto; veja também a pasta de spam.
code = Código
code-note = Cole ou digite; os espaços não fazem diferença.
confirm = Confirmar
resend = Enviar novamente
resends-left =
    { $count ->
        [one] Resta { $count } SMS
       *[other] Restam { $count } SMS
    }
resend-in = Próximo SMS em { $time }
no-more-texts = Não é possível enviar mais SMS.
emails-left =
    { $count ->
        [one] Resta { $count } e-mail
       *[other] Restam { $count } e-mails
    }
next-email-in = Próximo e-mail em { $time }
no-more-emails = Não é possível enviar mais e-mails.
another-way = Usar outra forma
code-wrong =
    { $count ->
        [one] O código não está correto. Resta { $count } tentativa.
       *[other] O código não está correto. Restam { $count } tentativas.
    }
code-expired = Esse código já expirou. Peça um novo.
code-incomplete = Digite o código, somente números.
code-email-incomplete = Digite o código que está no e-mail.
code-cannot-resend = No momento, não é possível enviar um SMS. Use o último código ou aguarde um pouco.
code-email-cannot-resend = No momento, não é possível enviar um e-mail. Use o último código ou aguarde um pouco.
question-title = Responda à sua pergunta de segurança
question-lead = É a que você escolheu na sua conta de { $provider }.
question-note = Escreva a resposta como fez ao escolhê-la.
shown-title = Digite o que você vê
shown-lead = { $provider } pede isso para ter certeza de que é uma pessoa que está entrando.
shown-note = Não tenha pressa; você tem mais de uma tentativa.
answer = Sua resposta
answer-wrong =
    { $count ->
        [one] A resposta não está correta. Resta { $count } tentativa.
       *[other] A resposta não está correta. Restam { $count } tentativas.
    }
answer-incomplete = Digite sua resposta com até 256 caracteres.
approval-title = Aprove no seu dispositivo
approval-lead = { $provider } enviou uma solicitação ao seu dispositivo. Abra-a lá e confirme que é você.
approval-waiting = Aguardando sua aprovação. Esta página avança sozinha.
ways-title = Escolha outra forma
ways-lead = Como você quer mostrar a { $provider } que é você?
ways-back = Voltar
way-app = Código do seu app autenticador
way-phone = SMS para o seu número com final { $digits }
way-email = E-mail para { $hint }
way-approval = Aprovação no seu dispositivo
way-question = Sua pergunta de segurança
way-shown = Digitar o que { $provider } mostra a você
way-cannot-start = { $provider } não consegue fazer isso no momento. Use outra forma ou tente mais tarde.

## Waiting, leaving, done

checking-title = Verificação com { $provider }
checking-lead = Isso leva alguns segundos. Mantenha esta página aberta.
leave-title = Parar de conectar?
leave-lead = Até agora, nada foi compartilhado com { $app }.
leave-stop = Parar e voltar para { $app }
leave-go-on = Continuar conectando
done-title = Sua conta está conectada
done-sentence = { $provider } agora está conectado a { $app }.
returning = Levando você de volta. Você também pode fechar esta página.

## Ways that go no further

ended-title = Este link foi encerrado
ended-sentence = Volte para onde você estava e comece de novo. Cada link funciona uma única vez e por pouco tempo.
in-use-title = Este link já está em uso
in-use-sentence = Continue na janela em que você começou, ou comece de novo no app que trouxe você até aqui.
forbidden-title = Esta página está desatualizada
forbidden-sentence = Nada foi enviado. Abra seu link novamente para continuar de onde estava.
unavailable-title = Um momento, por favor
unavailable-sentence = Não podemos responder agora, mas nada foi perdido. Aguarde alguns segundos e tente novamente.
