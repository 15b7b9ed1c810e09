# A página de uma conexão para o próprio usuário, em português do Brasil.

keep-link = Ver ou encerrar esta conexão a qualquer momento
keep-note = Guarde este link privado; quem o tiver poderá fazer isso.
connection-title = Sua conta { $provider } em { $app }
connection-lead = Isto é o que você conectou a { $app } ({ $domain }).
connection-lead-no-domain = Isto é o que você conectou a { $app }.
connection-status = Situação
connection-since = Conectada desde
connection-no-permissions = Nenhuma permissão foi concedida.
status-active = Ativa
status-sign-in-again = Não pode ser usada até você entrar novamente
status-ended-by-app = Encerrada por { $app }
disconnect = Desconectar a conta
disconnect-title = Desconectar { $app }?
disconnect-lead = { $app } não poderá mais usar sua conta { $provider }. Você poderá conectá-la de novo mais tarde.
disconnect-not = Manter conectada
disconnected-title = Conta desconectada
disconnected-sentence = { $app } não pode mais usar sua conta { $provider }.
disconnected-rest = O acesso que era guardado para isso foi apagado. O que { $app } recebeu antes continua com { $app }.
no-connection-title = Não há conexão aqui
no-connection-sentence = Ela foi encerrada, ou o link está incompleto. O aplicativo que você conectou pode informar mais.
