# La page personnelle d’une connexion pour l’utilisateur final, en français.

keep-link = Consulter ou supprimer cette connexion à tout moment
keep-note = Conservez ce lien privé ; toute personne qui le possède peut le faire.
connection-title = Votre compte { $provider } dans { $app }
connection-lead = Voici ce que vous avez connecté à { $app } ({ $domain }).
connection-lead-no-domain = Voici ce que vous avez connecté à { $app }.
connection-status = État
connection-since = Connecté depuis le
connection-no-permissions = Aucune autorisation n’a été accordée.
status-active = Connexion active
status-sign-in-again = Inutilisable tant que vous ne vous êtes pas reconnecté
status-ended-by-app = Terminée par { $app }
disconnect = Déconnecter
disconnect-title = Déconnecter { $app } ?
disconnect-lead = { $app } ne pourra plus utiliser votre compte { $provider }. Vous pourrez le connecter à nouveau plus tard.
disconnect-not = Garder la connexion
disconnected-title = Compte déconnecté
disconnected-sentence = { $app } ne peut plus utiliser votre compte { $provider }.
disconnected-rest = La connexion conservée à cet effet est supprimée. Ce que { $app } a reçu auparavant reste chez { $app }.
no-connection-title = Aucune connexion ici
no-connection-sentence = Elle a été supprimée, ou le lien est incomplet. L’application que vous avez connectée peut vous en dire plus.
