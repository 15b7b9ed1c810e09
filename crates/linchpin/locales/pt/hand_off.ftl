# Going on on a phone, in Portuguese. Keys and gaps as in the English file.

continue-on-phone = Continuar no celular
continue-here = Continuar por aqui

## The first screen

hand-off-title = Escaneie com o celular
hand-off-lead = Seu celular mostrará primeiro o nome { $app } e depois perguntará quais palavras aparecem aqui.
hand-off-code = Código QR que abre esta etapa no seu celular
hand-off-phrase = As palavras a escolher no celular
hand-off-time = Este código vale por { $time }
hand-off-late-title = O código expirou
hand-off-late-lead = Cada código vale por dois minutos. Tudo aqui continua como você deixou.
hand-off-refused-title = As palavras não coincidiram
hand-off-refused-lead = Outras palavras foram escolhidas em um celular, por isso o código não vale mais. Se não foi você, continue por aqui.
hand-off-again = Mostrar um novo código
hand-off-waiting-title = Continue no seu celular
hand-off-waiting-lead = Esta página avança sozinha quando você terminar lá.

## The phone

hand-off-question = Quais palavras aparecem na outra tela?
hand-off-none = Nenhuma destas
hand-off-warning = Continue somente se foi você quem abriu { $app } naquela tela. Se alguém lhe enviou este código, escolha “Nenhuma destas”.
hand-off-screen = Outra tela
hand-off-private = Em uma rede privada
hand-off-network = Na rede { $network }
hand-off-shared = A mesma rede deste celular
hand-off-apart = Uma rede diferente da deste celular
hand-off-wrong-title = Essas palavras não aparecem lá
hand-off-wrong-lead = Nada continua neste celular. Para tentar de novo, mostre um novo código na outra tela.
hand-off-no-longer-title = Este código não vale mais
hand-off-no-longer-lead = Um código serve uma única vez e por dois minutos. Mostre um novo na outra tela.
hand-off-taken-back-title = A continuação é na outra tela
hand-off-close-lead = Você pode fechar esta página.
hand-off-done = Volte à outra tela; ela avança sozinha. Você pode fechar esta página.
hand-off-ended-title = Nada foi conectado
hand-off-ended-lead = A outra tela avança sozinha. Você pode fechar esta página.

## The words to choose from

phrase-quiet-river = rio calmo
phrase-red-bicycle = bicicleta vermelha
phrase-old-lighthouse = farol velho
phrase-warm-bread = pão quentinho
phrase-sleepy-owl = coruja sonolenta
phrase-green-umbrella = guarda-chuva verde
phrase-paper-boat = barquinho de papel
phrase-golden-key = chave dourada
phrase-wooden-bridge = ponte de madeira
phrase-silver-spoon = colher de prata
phrase-ripe-lemon = limão maduro
phrase-snowy-mountain = montanha nevada
phrase-blue-door = porta azul
phrase-clever-fox = raposa esperta
phrase-round-table = mesa redonda
phrase-tall-tree = árvore alta
phrase-white-feather = pena branca
phrase-full-moon = lua cheia
phrase-open-window = janela aberta
phrase-striped-cat = gato listrado
phrase-soft-pillow = travesseiro macio
phrase-hot-soup = sopa fumegante
phrase-long-train = trem comprido
phrase-purple-flower = flor roxa
