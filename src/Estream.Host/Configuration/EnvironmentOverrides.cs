using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// The three short environment variables that override the file. Scripts and the README use them in addition to the general form
/// <c>Estream__Http__Port</c>.
/// </summary>
internal static class EnvironmentOverrides
{
    public const string HttpPort = "ESTREAM_HTTP_PORT";
    public const string MqttPort = "ESTREAM_MQTT_PORT";
    public const string Data = "ESTREAM_DATA";

    /// <summary>Returns the value and the variable of each overridden configuration key.</summary>
    /// <param name="file">The configuration so far, which names the MQTT endpoint.</param>
    /// <param name="read">Reads an environment variable; null when it is not set.</param>
    /// <param name="errors">Receives an error when a variable cannot be applied.</param>
    public static Dictionary<string, (string Value, string Variable)> Read(IConfiguration file, Func<string, string?> read,
        SettingErrors errors)
    {
        Dictionary<string, (string, string)> overrides = new(StringComparer.OrdinalIgnoreCase);
        Take(HttpPort, $"{EstreamSettingsSchema.SectionName}:Http:Port");
        Take(Data, $"{EstreamSettingsSchema.SectionName}:Data");
        if (read(MqttPort) is { Length: > 0 } && EndpointPortKey(file, errors) is { } key)
        {
            Take(MqttPort, key);
        }

        return overrides;

        void Take(string variable, string key)
        {
            if (read(variable) is { Length: > 0 } value)
            {
                overrides[key] = (value, variable);
            }
        }
    }

    /// <summary>Returns the port key of the MQTT endpoint. Returns null if there is none (a bridge-only host may inherit the variable);
    /// several endpoints add an error.</summary>
    private static string? EndpointPortKey(IConfiguration file, SettingErrors errors)
    {
        IConfigurationSection[] endpoints =
        [
            .. file.GetSection($"{EstreamSettingsSchema.SectionName}:Adapters").GetChildren()
                .Where(a => a[VariantSchema.TypeKey] == MqttSchemas.EndpointType),
        ];
        if (endpoints.Length > 1)
        {
            string names = string.Join(", ", endpoints.Select(e => e.Key));
            errors.Add(MqttPort,
                $"is ambiguous: it could apply to any of {names}. Unset it and set Port of each adapter, for example "
                + $"Estream__Adapters__{endpoints[0].Key}__Port.");
            return null;
        }

        return endpoints.Length == 1 ? $"{endpoints[0].Path}:Port" : null;
    }
}
