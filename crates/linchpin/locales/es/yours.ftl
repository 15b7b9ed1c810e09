# La página propia de una conexión para el usuario final, en español.

keep-link = Ver o terminar esta vinculación en cualquier momento
keep-note = No comparta este enlace: quien lo tenga podrá ver y terminar la vinculación.
connection-title = Su cuenta de { $provider } en { $app }
connection-lead = Esto es lo que ha vinculado con { $app } ({ $domain }).
connection-lead-no-domain = Esto es lo que ha vinculado con { $app }.
connection-status = Estado
connection-since = Vinculada desde
connection-no-permissions = No se concedió ningún permiso.
status-active = Activa
status-sign-in-again = No se puede usar hasta que vuelva a iniciar sesión
status-ended-by-app = Terminada por { $app }
disconnect = Desvincular la cuenta
disconnect-title = ¿Desvincular { $app }?
disconnect-lead = { $app } ya no podrá usar su cuenta de { $provider }. Podrá volver a vincularla más adelante.
disconnect-not = Mantener la vinculación
disconnected-title = Cuenta desvinculada
disconnected-sentence = { $app } ya no puede usar su cuenta de { $provider }.
disconnected-rest = El inicio de sesión que se conservaba se ha eliminado. Lo que { $app } recibió antes sigue en { $app }.
no-connection-title = Aquí no hay ninguna vinculación
no-connection-sentence = Se ha terminado, o el enlace está incompleto. La aplicación que vinculó puede darle más información.
