// The few words that are ours and not the link page's.

export interface Words {
  connect: string;
  close: string;
  loading: string;
}

const languages: Record<string, [connect: string, close: string, loading: string]> = {
  en: ['Connect an account', 'Close', 'Loading'],
  ar: ['ربط حساب', 'إغلاق', 'جارٍ التحميل'],
  de: ['Konto verbinden', 'Schließen', 'Wird geladen'],
  es: ['Conectar una cuenta', 'Cerrar', 'Cargando'],
  fr: ['Associer un compte', 'Fermer', 'Chargement en cours'],
  ja: ['アカウントを連携する', '閉じる', '読み込み中'],
  pt: ['Conectar uma conta', 'Fechar', 'Carregando'],
};

/** Words in the language of the embedding page, else of the browser, else in English; with their language. */
export function words(): Words & { lang: string } {
  for (const tag of [document.documentElement.lang, ...navigator.languages]) {
    const lang = tag.slice(0, 2).toLowerCase();
    const found = Object.hasOwn(languages, lang) && languages[lang];
    if (found) return { lang, connect: found[0], close: found[1], loading: found[2] };
  }
  return { lang: 'en', connect: 'Connect an account', close: 'Close', loading: 'Loading' };
}
