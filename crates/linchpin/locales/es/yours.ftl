# La página propia de una conexión para el usuario final, en español.

keep-link = Ver o terminar esta conexión en cualquier momento
keep-note = Guarde este enlace privado; quien lo tenga podrá hacerlo.
connection-title = Su cuenta de { $provider } en { $app }
connection-lead = Esto es lo que ha conectado con { $app } ({ $domain }).
connection-lead-no-domain = Esto es lo que ha conectado con { $app }.
connection-status = Estado
connection-since = Conectada desde
connection-no-permissions = No se concedió ningún permiso.
status-active = Activa
status-sign-in-again = No se puede usar hasta que vuelva a iniciar sesión
status-ended-by-app = Terminada por { $app }
disconnect = Desconectar la cuenta
disconnect-title = ¿Desconectar { $app }?
disconnect-lead = { $app } ya no podrá usar su cuenta de { $provider }. Podrá volver a conectarla más adelante.
disconnect-not = Mantener la conexión
disconnected-title = Cuenta desconectada
disconnected-sentence = { $app } ya no puede usar su cuenta de { $provider }.
disconnected-rest = El inicio de sesión que se conservaba se ha eliminado. Lo que { $app } recibió antes sigue en { $app }.
no-connection-title = Aquí no hay ninguna conexión
no-connection-sentence = Se ha terminado, o el enlace está incompleto. La aplicación que conectó puede darle más información.
