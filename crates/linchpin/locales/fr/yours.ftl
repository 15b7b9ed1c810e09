# La page personnelle d’une connexion pour l’utilisateur final, en français.

keep-link = Consulter ou supprimer cette association à tout moment
keep-note = Gardez ce lien pour vous : toute personne qui le possède peut consulter et supprimer l’association.
connection-title = Votre compte { $provider } dans { $app }
connection-lead = Voici ce que vous avez associé à { $app } ({ $domain }).
connection-lead-no-domain = Voici ce que vous avez associé à { $app }.
connection-status = État
connection-since = Associé depuis le
connection-no-permissions = Aucune autorisation n’a été accordée.
status-active = Association active
status-sign-in-again = Inutilisable tant que vous ne vous êtes pas reconnecté
status-ended-by-app = Terminée par { $app }
disconnect = Dissocier le compte
disconnect-title = Dissocier { $app } ?
disconnect-lead = { $app } ne pourra plus utiliser votre compte { $provider }. Vous pourrez l’associer à nouveau plus tard.
disconnect-not = Garder l’association
disconnected-title = Compte dissocié
disconnected-sentence = { $app } ne peut plus utiliser votre compte { $provider }.
disconnected-rest = La connexion conservée à cet effet est supprimée. Ce que { $app } a reçu auparavant reste chez { $app }.
no-connection-title = Aucune association ici
no-connection-sentence = Elle a été supprimée, ou le lien est incomplet. L’application concernée peut vous en dire plus.
