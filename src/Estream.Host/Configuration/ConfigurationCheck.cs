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
        CheckExposure(root.GetSection("Http"), token, errors);
        IReadOnlyDictionary<string, string> headers = TelemetryHeaders.Read(root.GetSection("OpenTelemetry"), errors);
        if (errors.Count > 0)
        {
            throw ConfigurationErrorException.From(errors, file.Source, file.Variables);
        }

        return SettingsReader.Read(file.Root, token, headers);
    }

    /// <summary>Anyone who reaches the port can read every message, so beyond this machine a token is not optional.</summary>
    private static void CheckExposure(IConfigurationSection http, string? token, SettingErrors errors)
    {
        bool isConfigured = !string.IsNullOrEmpty(http["TokenFile"]) || !string.IsNullOrEmpty(http["TokenEnv"]);
        if (token is null && !isConfigured && IPAddress.TryParse(http["Address"], out IPAddress? address) && !IPAddress.IsLoopback(address))
        {
            errors.Add($"{http.Path}:Address",
                $"is {address}, which others can reach, and no token is set. Set {http.Path}:TokenFile or {http.Path}:TokenEnv, or listen "
                + "on 127.0.0.1.");
        }
    }
}
