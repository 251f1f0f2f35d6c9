using System.Net;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The whole check of a configuration: shape, references, credentials; every mistake in one exception.</summary>
internal static class ConfigurationCheck
{
    /// <param name="file">What was loaded.</param>
    /// <param name="adapterShapes">Accepted keys per adapter type.</param>
    /// <param name="schemas">Known schemas, those of <c>Estream:Schemas</c> included.</param>
    /// <param name="readVariable">Reads an environment variable.</param>
    /// <param name="errors">What was found wrong before; all of it ends up in one message.</param>
    /// <exception cref="ConfigurationErrorException">At least one mistake was found.</exception>
    public static EstreamSettings Run(
        ConfigurationFile file,
        IReadOnlyDictionary<string, ObjectSchema> adapterShapes,
        ISchemaLookup schemas,
        Func<string, string?> readVariable,
        SettingErrors errors)
    {
        IConfigurationSection root = file.Root.GetSection(EstreamSettingsSchema.SectionName);
        if (!root.GetChildren().Any())
        {
            errors.Add(EstreamSettingsSchema.SectionName, "is missing: the configuration needs a section of this name.");
        }

        EstreamSettingsSchema.Of(adapterShapes).Check(root, errors);
        new ReferenceCheck(file.Root, schemas, errors).Run();
        LoggingCheck.Run(file.Root, errors);
        string? token = TokenSource.Read(root.GetSection("Http"), readVariable, errors);
        CheckExposure(root, token, errors);
        IReadOnlyDictionary<string, string> headers = TelemetryHeaders.Read(root.GetSection("OpenTelemetry"), errors);
        if (errors.Count > 0)
        {
            throw ConfigurationErrorException.From(errors, file.Source, file.Variables);
        }

        return SettingsReader.Read(file.Root, token, headers);
    }

    /// <summary>Anyone who reaches the port can read every message, so beyond this machine a token is not optional.</summary>
    private static void CheckExposure(IConfigurationSection root, string? token, SettingErrors errors)
    {
        IConfigurationSection http = root.GetSection("Http");
        if (!IPAddress.TryParse(http["Address"], out IPAddress? address) || IPAddress.IsLoopback(address))
        {
            return;
        }

        bool isConfigured = token is not null || !string.IsNullOrEmpty(http["TokenFile"]) || !string.IsNullOrEmpty(http["TokenEnv"]);
        if (!isConfigured && !File.Exists(SettingsReader.TokensFile(root)))
        {
            errors.Add($"{http.Path}:Address",
                $"is {address}, which others can reach, and there is no token. Create one with: estream token new --role admin. Or set "
                + $"{http.Path}:TokenFile or {http.Path}:TokenEnv, or listen on 127.0.0.1.");
        }

        // A page of any site can reach 127.0.0.1 under a name of its own, and beyond loopback every name is answered.
        if (http["LoopbackRole"] is { Length: > 0 } role && role != "none")
        {
            errors.Add($"{http.Path}:LoopbackRole", $"is {role}, and {http.Path}:Address is {address}. It needs an Address on loopback.");
        }
    }
}
