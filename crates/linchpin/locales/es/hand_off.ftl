# Going on on a phone, in Spanish. Keys and gaps as in the English file.

continue-on-phone = Continuar en su teléfono
continue-here = Continuar aquí

## The first screen

hand-off-title = Escanéelo con su teléfono
hand-off-lead = Su teléfono nombrará primero { $app } y luego le preguntará qué palabras aparecen aquí.
hand-off-code = Código QR que abre este paso en su teléfono
hand-off-phrase = Las palabras que debe elegir en su teléfono
hand-off-time = Este código es válido durante { $time }
hand-off-late-title = El código ha caducado
hand-off-late-lead = Cada código es válido durante dos minutos. Aquí todo sigue como lo dejó.
hand-off-refused-title = Las palabras no coinciden
hand-off-refused-lead = En un teléfono se eligieron otras palabras, por lo que el código ya no es válido. Si no fue usted, continúe aquí.
hand-off-again = Mostrar otro código
hand-off-waiting-title = Siga en su teléfono
hand-off-waiting-lead = Esta página avanzará por sí sola cuando termine allí.

## The phone

hand-off-question = ¿Qué palabras aparecen en la otra pantalla?
hand-off-none = Ninguna de estas
hand-off-warning = Continúe solo si usted mismo abrió { $app } en esa pantalla. Si alguien le envió este código, elija «Ninguna de estas».
hand-off-screen = Otra pantalla
hand-off-private = En una red privada
hand-off-network = En la red { $network }
hand-off-shared = La misma red que este teléfono
hand-off-apart = Una red distinta de la de este teléfono
hand-off-wrong-title = Esas palabras no aparecen allí
hand-off-wrong-lead = No se continúa en este teléfono. Para volver a intentarlo, muestre otro código en la otra pantalla.
hand-off-no-longer-title = Este código ya no es válido
hand-off-no-longer-lead = Un código sirve una sola vez y durante dos minutos. Muestre otro en la otra pantalla.
hand-off-taken-back-title = Se continúa en la otra pantalla
hand-off-close-lead = Puede cerrar esta página.
hand-off-done = Vuelva a la otra pantalla; avanzará por sí sola. Puede cerrar esta página.
hand-off-ended-title = No se ha conectado nada
hand-off-ended-lead = La otra pantalla avanzará por sí sola. Puede cerrar esta página.

## The words to choose from

phrase-quiet-river = río tranquilo
phrase-red-bicycle = bicicleta roja
phrase-old-lighthouse = faro antiguo
phrase-warm-bread = pan caliente
phrase-sleepy-owl = búho dormido
phrase-green-umbrella = paraguas verde
phrase-paper-boat = barco de papel
phrase-golden-key = llave dorada
phrase-wooden-bridge = puente de madera
phrase-silver-spoon = cuchara de plata
phrase-ripe-lemon = limón maduro
phrase-snowy-mountain = montaña nevada
phrase-blue-door = puerta azul
phrase-clever-fox = zorro astuto
phrase-round-table = mesa circular
phrase-tall-tree = árbol alto
phrase-white-feather = pluma blanca
phrase-full-moon = luna llena
phrase-open-window = ventana abierta
phrase-striped-cat = gato rayado
phrase-soft-pillow = almohada blanda
phrase-hot-soup = sopa humeante
phrase-long-train = tren largo
phrase-purple-flower = flor morada
