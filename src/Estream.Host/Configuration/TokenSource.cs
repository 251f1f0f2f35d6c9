using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>Reads the HTTP token from a file or an environment variable. It is never part of the configuration, which is often
/// copied.</summary>
internal static class TokenSource
{
    /// <summary>The minimum token length; shorter tokens can be guessed. 16 random bytes in hexadecimal have 32 characters.</summary>
    public const int MinLength = 16;

    private const int MaxLength = 4096;

    /// <summary>Returns the token; null if none is configured, or if reading it added an error.</summary>
    public static string? Read(IConfigurationSection http, Func<string, string?> readVariable, SettingErrors errors)
    {
        string? file = http["TokenFile"];
        string? variable = http["TokenEnv"];
        if (string.IsNullOrEmpty(file))
        {
            return string.IsNullOrEmpty(variable)
                ? null
                : Checked(readVariable(variable), $"{http.Path}:TokenEnv", $"the environment variable {variable}", errors);
        }

        if (!string.IsNullOrEmpty(variable))
        {
            errors.Add($"{http.Path}:TokenEnv", "and TokenFile are both set. Keep one.");
            return null;
        }

        return SecretFile.Read(file, $"{http.Path}:TokenFile", MaxLength, "token file", errors) is { } text
            ? Checked(text, $"{http.Path}:TokenFile", file, errors)
            : null;
    }

    private static string? Checked(string? text, string path, string source, SettingErrors errors)
    {
        string token = (text ?? "").Trim();
        if (token.Length < MinLength || token.Any(c => c is < '!' or > '~'))
        {
            errors.Add(path,
                $"has no valid token in {source}: a token has {MinLength} or more printable ASCII characters without spaces. Create one "
                + "with: openssl rand -hex 32");
            return null;
        }

        return token;
    }
}
