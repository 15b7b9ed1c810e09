# The hosted pages in Spanish. Keys and values as in the English file.

language-name = Español
document-title = { $title } · { $app }

## Around every page

secured-by = Protegido por Linchpin
language-choice = Idioma: español
theme-choice = Apariencia
theme-auto = Apariencia automática
theme-light = Apariencia clara
theme-dark = Apariencia oscura
time-left = Quedan { $time } para terminar
offline = No hemos podido conectar con el servidor. Compruebe su conexión; lo que ha escrito sigue aquí.
try-again = Intentar de nuevo
still-working = Un momento más
still-checking = Aún lo estamos comprobando con { $provider }
covered = Algo cubre esta página. Descúbrala y vuelva a pulsar.
look-again = Volver a mirar
cancel = Cancelar
continue = Continuar
link-website = Sitio web
link-privacy = Privacidad
link-terms = Condiciones
link-support = Ayuda
back-to-app = Volver a { $app }

## Sandbox

sandbox-banner = Entorno de pruebas: aquí nada es real
sandbox-accounts = Cuentas de prueba
sandbox-password = Contraseña de todas las cuentas: { $password }
sandbox-fill = Usar
sandbox-fill-label = Usar { $email }
sandbox-creator = Creador
sandbox-fan = Seguidor
sandbox-app-code = Código de la app de autenticación 123456
sandbox-texted-code = Código por SMS 123456
sandbox-approval = Aprobación en otro dispositivo, concedida a los 3 segundos
sandbox-locked = La cuenta está bloqueada
sandbox-slow = Tarda 5 segundos en comprobarse
sandbox-unavailable = No se puede contactar con el proveedor
sandbox-short-lived = Vinculación que termina por sí sola
sandbox-emailed-code = Código por correo 123456
sandbox-choice = Tres métodos a elegir, códigos 123456
sandbox-question = Pregunta de seguridad, respuesta blue
sandbox-challenge = Imagen que muestra lo que hay que escribir

sandbox-permission-profile-read = Su perfil: nombre, nombre de usuario y foto
sandbox-permission-profile-write = Editar su perfil: nombre, descripción y foto
sandbox-permission-posts-read = Sus publicaciones, incluidas las programadas
sandbox-permission-posts-write = Publicar, editar y eliminar publicaciones en su nombre
sandbox-permission-messages-read = Sus mensajes y quién los ha escrito
sandbox-permission-messages-write = Enviar mensajes a sus suscriptores en su nombre
sandbox-permission-subscribers-read = Quién se ha suscrito a usted y desde cuándo
sandbox-permission-subscribers-write = Ordenar a sus suscriptores en listas, silenciarlos y bloquearlos
sandbox-permission-vault-read = Su archivo: fotos y vídeos, incluidos los no publicados
sandbox-permission-analytics-read = Sus estadísticas: visitas, «me gusta» y crecimiento
sandbox-permission-earnings-read = Sus ingresos: pagos, propinas y retiradas
sandbox-permission-notifications-read = Sus notificaciones

## Before the sign-in

pre-login-title = Vincular { $provider } con { $app }
pre-login-title-choice = Vincular una cuenta con { $app }
pre-login-lead = { $app } ({ $domain }) quiere usar su cuenta.
pre-login-lead-no-domain = { $app } quiere usar su cuenta.
reconnect-title = Volver a iniciar sesión en { $provider }
reconnect-lead = { $app } ({ $domain }) ha perdido el acceso a su cuenta.
reconnect-lead-no-domain = { $app } ha perdido el acceso a su cuenta.
choose-provider = ¿Qué cuenta?
next-choose = Usted elige qué puede ver y cambiar { $app }.
next-sign-in = Inicia sesión. Su contraseña se usa una sola vez y no se guarda.
next-return = Vuelve a { $app }, donde puede poner fin a la vinculación.

## Permissions

authorization-title = ¿Qué puede hacer { $app }?
authorization-lead = Esto es lo que la aplicación pide en su cuenta de { $provider }.
can-see = Puede ver
can-change = Puede cambiar
permission-required = Obligatorio
permission-new = Nuevo
permission-risky = Delicado
kept-what = Qué se guarda
kept-what-answer = Su nombre, su nombre de usuario y lo que permita aquí. Nunca su contraseña.
kept-how-long = Cuánto tiempo
kept-how-long-answer = Hasta que usted o { $app } pongan fin a la vinculación.
kept-end = Cómo terminarla
kept-end-answer = Desvincule su cuenta en { $app } cuando quiera.
allow = Permitir y continuar
decline = Rechazar

## Sign-in

login-title = Iniciar sesión en { $provider }
login-lead = Su cuenta quedará vinculada con { $app }.
username = Correo electrónico o nombre de usuario
email = Correo electrónico
password = Contraseña
password-show = Mostrar
password-hide = Ocultar
password-note = Se usa una sola vez para iniciar sesión y no se guarda.
caps-lock = El bloqueo de mayúsculas está activado.
sign-in = Iniciar sesión
login-wrong =
    { $count ->
        [one] El nombre de usuario y la contraseña no coinciden. Queda un intento.
       *[other] El nombre de usuario y la contraseña no coinciden. Quedan { $count } intentos.
    }
login-unknown-sandbox-domain = En el entorno de pruebas solo funcionan las cuentas de prueba de arriba.
login-incomplete-username = Escriba su correo electrónico o su nombre de usuario.
login-incomplete-email = Escriba su correo electrónico.
login-incomplete-password = Escriba su contraseña.
login-different-account = Esta es otra cuenta. Inicie sesión en la que estaba vinculada antes.
login-linked-to-another-user = Otra persona ya ha vinculado esta cuenta en { $app }. Use otra cuenta.
provider-unavailable = { $provider } no responde en este momento. Espere un poco y vuelva a intentarlo.
declined = La solicitud se ha rechazado en su otro dispositivo. Inicie sesión de nuevo para volver a intentarlo.
interrupted = Hemos tardado demasiado y no cuenta como intento. Vuelva a intentarlo, por favor.

## Second factor

code-app-title = Escriba el código de autenticación
code-app-lead = Abra su app de autenticación y copie el código de { $provider }.
code-phone-title = Escriba el código del SMS
code-phone-lead = { $provider } lo ha enviado a su número terminado en { $digits }.
code-email-title = Escriba el código del correo
code-email-lead = { $provider } lo ha enviado a { $hint }. Puede tardar un minuto; mire también en el correo no deseado.
code = Código
code-note = Péguelo o escríbalo; los espacios no importan.
confirm = Confirmar
resend = Enviar de nuevo
resends-left =
    { $count ->
        [one] Queda un SMS
       *[other] Quedan { $count } SMS
    }
resend-in = Próximo SMS en { $time }
no-more-texts = No se pueden enviar más SMS.
emails-left =
    { $count ->
        [one] Queda un correo
       *[other] Quedan { $count } correos
    }
next-email-in = Próximo correo en { $time }
no-more-emails = No se pueden enviar más correos.
another-way = Usar otro método
code-wrong =
    { $count ->
        [one] El código no es correcto. Queda un intento.
       *[other] El código no es correcto. Quedan { $count } intentos.
    }
code-expired = Ese código ha caducado. Pida uno nuevo.
code-incomplete = Escriba el código, solo cifras.
code-email-incomplete = Escriba el código que recibió por correo.
code-cannot-resend = Ahora no se puede enviar ningún SMS. Use el último código o espere un poco.
code-email-cannot-resend = Ahora no se puede enviar ningún correo. Use el último código o espere un poco.
question-title = Responda a su pregunta de seguridad
question-lead = Es la que eligió en su cuenta de { $provider }.
question-note = Escriba la respuesta como cuando la eligió.
shown-title = Escriba lo que ve
shown-lead = { $provider } lo pide para asegurarse de que quien inicia sesión es una persona.
shown-note = Tómese su tiempo: tiene más de un intento.
answer = Su respuesta
answer-wrong =
    { $count ->
        [one] La respuesta no es correcta. Queda un intento.
       *[other] La respuesta no es correcta. Quedan { $count } intentos.
    }
answer-incomplete = Escriba su respuesta, con 256 caracteres como máximo.
approval-title = Apruébelo en su dispositivo
approval-lead = { $provider } ha enviado una solicitud a su dispositivo. Ábrala allí y confirme que es usted.
approval-waiting = Esperamos su aprobación. Esta página avanzará por sí sola.
ways-title = Elija otro método
ways-lead = ¿Cómo quiere demostrar a { $provider } que es usted?
ways-back = Volver
way-app = Código de su app de autenticación
way-phone = SMS a su número terminado en { $digits }
way-email = Correo a { $hint }
way-approval = Aprobación en su dispositivo
way-question = Su pregunta de seguridad
way-shown = Escribir lo que le muestra { $provider }
way-cannot-start = { $provider } no puede hacerlo en este momento. Use otro método o inténtelo más tarde.

## Waiting, leaving, done

checking-title = Comprobación con { $provider }
checking-lead = Tardará unos segundos. Deje esta página abierta.
leave-title = ¿Dejar de vincular?
leave-lead = Hasta ahora no se ha compartido nada con { $app }.
leave-stop = Dejarlo y volver a { $app }
leave-go-on = Seguir vinculando
done-title = Su cuenta está vinculada
done-sentence = { $provider } ya está vinculado con { $app }.
returning = Le llevamos de vuelta. También puede cerrar esta página.

## Ways that go no further

ended-title = Este enlace ha terminado
ended-sentence = Vuelva al lugar de donde venía y empiece de nuevo. Cada enlace funciona una sola vez y por poco tiempo.
in-use-title = Este enlace ya está en uso
in-use-sentence = Siga en la ventana donde empezó, o empiece de nuevo desde la app que le envió aquí.
forbidden-title = Esta página ya no es actual
forbidden-sentence = No se ha enviado nada. Abra de nuevo su enlace para seguir donde estaba.
unavailable-title = Un momento, por favor
unavailable-sentence = Ahora no podemos responder, pero no se ha perdido nada. Espere unos segundos y vuelva a intentarlo.
