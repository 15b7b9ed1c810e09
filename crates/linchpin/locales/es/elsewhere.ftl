# Signing in on the provider's own page, in Spanish. Gaps as in hosted.ftl.

next-elsewhere = Inicias sesión en { $provider }. { $app } nunca ve tu contraseña.

## The way there

elsewhere-title = Inicia sesión en { $provider }
elsewhere-lead = { $provider } te pregunta en su propia página y te trae de vuelta. Nadie aquí ve tu contraseña.
elsewhere-go = Continuar a { $provider }
elsewhere-underway-title = Termina en { $provider }
elsewhere-underway-lead = Inicia sesión en la página de { $provider } que se ha abierto. Volverás automáticamente.
elsewhere-waiting = Esperando a { $provider }. Esta página continúa sola.
elsewhere-again = Abrir { $provider } otra vez
elsewhere-denied = Has dicho que no en { $provider }. Continúa para intentarlo otra vez, o cancela.
elsewhere-leaving-title = Te llevamos a { $provider }
elsewhere-leaving-lead = Si no pasa nada, usa el botón.

## The way back

elsewhere-back-title = Has vuelto
elsewhere-back-lead = Continúa para conectar { $provider } con { $app }.
elsewhere-close-title = Puedes cerrar esta ventana
elsewhere-close-lead = La página en la que empezaste continúa sola.
elsewhere-other-title = Esto no empezó aquí
elsewhere-other-lead = Has vuelto en otro navegador o demasiado tarde. No se ha conectado nada. Empieza de nuevo desde la aplicación que te envió aquí.
elsewhere-stray-title = Aquí falta algo
elsewhere-stray-lead = La respuesta que te trajo aquí no está completa. No se ha conectado nada. Vuelve al lugar de donde vienes y empieza de nuevo.
