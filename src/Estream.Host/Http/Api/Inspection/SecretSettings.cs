using System.Text.RegularExpressions;

namespace Estream.Host.Http;

/// <summary>Hides the secrets of a configuration. Most secrets are in files and variables that settings only name, but URLs and the
/// settings of components can contain secrets.</summary>
internal static partial class SecretSettings
{
    /// <summary>The text in place of a secret.</summary>
    public const string Hidden = "hidden";

    private static readonly string[] s_words =
        ["password", "passphrase", "secret", "token", "credential", "apikey", "privatekey", "authorization"];

    private static readonly string[] s_wordsOfComponents = ["key", "auth", "pin", "pass", "login", "signature", "cookie"];

    // The number of keys in the path of an adapter setting, up to the name of the adapter.
    private const int KeysOfAdapter = 3;

    // Settings that name the place of a secret.
    private static readonly string[] s_names = ["file", "files", "env", "folder", "path"];

    /// <summary>Returns a value without secrets.</summary>
    /// <param name="path">The path of the setting, such as <c>Estream:Http:Port</c>.</param>
    /// <param name="value">The value.</param>
    /// <param name="isComponent">Whether a component defines the setting.</param>
    public static string? Hide(string path, string? value, bool isComponent)
    {
        if (string.IsNullOrEmpty(value))
        {
            return value;
        }

        // An item of a list has a number as its key, so the name of the list decides.
        string[] keys = path.Split(':');
        string key = Array.FindLast(keys, static one => !int.TryParse(one, out _)) ?? path;
        if (isComponent ? keys.Skip(KeysOfAdapter).Any(IsSecretOfComponent) : IsSecret(key))
        {
            return Hidden;
        }

        // A connection string or a header may contain a secret.
        if (SecretInText().IsMatch(value))
        {
            return Hidden;
        }

        return keys.Contains("Webhook", StringComparer.OrdinalIgnoreCase) ? HidePath(value) : HideInUrl(value);
    }

    private static bool IsSecret(string key) => !s_names.Any(name => key.EndsWith(name, StringComparison.OrdinalIgnoreCase))
        && s_words.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase));

    // The host, not the component, defines Mappings. The name contains the word "pin".
    private static bool IsSecretOfComponent(string key) => !key.Equals("Mappings", StringComparison.OrdinalIgnoreCase)
        && s_words.Concat(s_wordsOfComponents).Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"(password|passwd|pwd|secret|token|key)[""']?\s*(=(?!=)|:)|\bbearer\s",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretInText();

    // The path of a webhook is often the secret itself.
    private static string HidePath(string value) => Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && url.Authority.Length > 0
        ? $"{url.Scheme}://{url.Authority}/{Hidden}"
        : value;

    private static string HideInUrl(string value)
    {
        int scheme = value.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return value;
        }

        int start = scheme + 3;
        if (value.IndexOf("://", start, StringComparison.Ordinal) > 0 && value.Contains('@', StringComparison.Ordinal))
        {
            // The value is a list of URLs, and may contain the user information of more than one URL.
            return Hidden;
        }

        int end = value.AsSpan(start).IndexOfAny('/', '?', '#');
        int at = value.AsSpan(start, end < 0 ? value.Length - start : end).LastIndexOf('@');
        string shown = at < 0 ? value : $"{value[..start]}{Hidden}{value[(start + at)..]}";
        int query = shown.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? shown : $"{shown[..query]}?{Hidden}";
    }
}
