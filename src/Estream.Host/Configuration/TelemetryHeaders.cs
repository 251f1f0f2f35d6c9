using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>Reads the headers of OTLP requests, which contain credentials, from a file. They are never part of the configuration, which is
/// often copied.</summary>
internal static class TelemetryHeaders
{
    private const int MaxLength = 8192;
    private const int MaxCount = 16;

    /// <summary>Returns the headers by name; empty if no file is named, or if reading it added an error.</summary>
    public static IReadOnlyDictionary<string, string> Read(IConfigurationSection telemetry, SettingErrors errors)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        if (telemetry["HeadersFile"] is not { Length: > 0 } file)
        {
            return headers;
        }

        string setting = $"{telemetry.Path}:HeadersFile";
        if (EndpointSchema.TryParse(telemetry["Endpoint"], out Uri? endpoint) && endpoint.Scheme == Uri.UriSchemeHttp
            && !endpoint.IsLoopback)
        {
            errors.Add(setting,
                $"contains credentials, but {endpoint} is plain http to another machine, where anyone on the network could read them. Use "
                + "https.");
            return headers;
        }

        if (SecretFile.Read(file, setting, MaxLength, "file of headers", errors) is { } text)
        {
            Add(headers, text.Split('\n'), setting, file, errors);
        }

        return headers;
    }

    // Error messages must not contain the line, which may be a credential.
    private static void Add(Dictionary<string, string> headers, string[] lines, string setting, string file, SettingErrors errors)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
            {
                continue;
            }

            string[] parts = lines[i].Split(':', 2, StringSplitOptions.TrimEntries);
            bool isHeader = parts.Length == 2 && parts[0].Length > 0
                && parts[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
                && parts[1].Length > 0 && parts[1].All(c => c is >= ' ' and <= '~' and not ',');
            if (!isHeader || headers.Count == MaxCount || !headers.TryAdd(parts[0], parts[1]))
            {
                errors.Add(setting,
                    $"names {file}, whose line {i + 1} is not a valid header. Write up to {MaxCount} headers with different names, such "
                    + "as: authorization: Bearer TOKEN. Names consist of letters, digits, - _ and .; values of printable ASCII without "
                    + "commas.");
                return;
            }
        }
    }
}
