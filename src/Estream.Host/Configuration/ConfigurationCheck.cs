using System.Net;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Host.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Estream.Host.Configuration;

/// <summary>Checks a configuration: schema, references and credentials. Reports all errors in one exception.</summary>
internal static class ConfigurationCheck
{
    /// <param name="file">The loaded configuration.</param>
    /// <param name="adapterShapes">Accepted keys per adapter type.</param>
    /// <param name="schemas">All schemas, including those of <c>Estream:Schemas</c>.</param>
    /// <param name="outputMaps">The maps that pipelines and circuits write.</param>
    /// <param name="readVariable">Reads an environment variable.</param>
    /// <param name="errors">The errors found so far; they are reported in the same exception.</param>
    /// <exception cref="ConfigurationErrorException">The configuration has at least one error.</exception>
    public static EstreamSettings Run(
        ConfigurationFile file,
        IReadOnlyDictionary<string, ObjectSchema> adapterShapes,
        ISchemaLookup schemas,
        IReadOnlyCollection<string> outputMaps,
        Func<string, string?> readVariable,
        SettingErrors errors)
    {
        IConfigurationSection root = file.Root.GetSection(EstreamSettingsSchema.SectionName);
        if (!root.GetChildren().Any())
        {
            errors.Add(EstreamSettingsSchema.SectionName, "is missing: the configuration needs a section of this name.");
        }

        EstreamSettingsSchema.Of(adapterShapes).Check(file.Written.GetSection(EstreamSettingsSchema.SectionName), errors);
        new ReferenceCheck(file.Root, schemas, outputMaps, errors).Run();
        LoggingCheck.Run(file.Root, errors);
        string? token = TokenSource.Read(root.GetSection("Http"), readVariable, errors);
        CheckExposure(root, token, errors);
        CheckListeners(root.GetSection("Http"), errors);
        CheckPlaintext(root.GetSection("Http"), errors);
        CheckTokensFile(root, errors);
        ClientSection.Check(root, HasTokens(root, token), errors);
        AlertSection.Check(root, errors);
        MarketplaceSection.Check(root, errors);
        IReadOnlyDictionary<string, string> headers = TelemetryHeaders.Read(root.GetSection("OpenTelemetry"), errors);
        if (errors.Count > 0)
        {
            throw ConfigurationErrorException.From(errors, file.Source, file.Variables);
        }

        return SettingsReader.Read(file.Root, token, headers);
    }

    private static void CheckListeners(IConfigurationSection http, SettingErrors errors)
    {
        ClientSection.CheckCertificate(http, errors);
        string main = http["Port"] is { Length: > 0 } set ? set : $"{HttpSettings.DefaultPort}";
        if (main != "0" && http["Management:Port"] is { Length: > 0 } port && port == main)
        {
            errors.Add($"{http.Path}:Management:Port", $"is {port}, the same as {http.Path}:Port. Choose another port.");
        }
    }

    /// <summary>Requires TLS for addresses other than loopback, because tokens, cookies and messages would cross the network in
    /// plaintext.</summary>
    private static void CheckPlaintext(IConfigurationSection http, SettingErrors errors)
    {
        if (http["Certificate"] is { Length: > 0 } || http.GetSection("Proxies").GetChildren().Any()
            || (bool.TryParse(http["AllowPlaintext"], out bool isAllowed) && isAllowed))
        {
            return;
        }

        string[] keys = http["Management:Port"] is { Length: > 0 } ? ["Address", "Management:Address"] : ["Address"];
        foreach (string key in keys)
        {
            if (IPAddress.TryParse(http[key], out IPAddress? address) && !IPAddress.IsLoopback(address))
            {
                errors.Add(
                    $"{http.Path}:{key}",
                    $"is {address}, which other machines can reach, but there is no TLS, so tokens and messages "
                    + $"would cross the network in plaintext. Set {http.Path}:Certificate, or {http.Path}:Proxies to the proxies that do "
                    + $"TLS, or {http.Path}:AllowPlaintext to true.");
            }
        }
    }

    /// <summary>Refuses tokens that only this host of a pair has: one that is revoked here would still be valid there.</summary>
    private static void CheckTokensFile(IConfigurationSection root, SettingErrors errors)
    {
        if (SettingsReader.TokensFile(root) is null && File.Exists(SettingsReader.OwnTokensFile(root)))
        {
            errors.Add(
                $"{root.Path}:Http:TokensFile",
                $"is missing, but Replication:Role is auto and '{SettingsReader.OwnTokensFile(root)}' "
                + "has tokens of this host only: the other hosts would not know them, nor their revocation. Move the file to a folder that "
                + "all hosts share and set this key to its path, or remove the file.");
        }
    }

    /// <summary>Requires a token for addresses other than loopback, because anyone who reaches the port could read every message.</summary>
    private static void CheckExposure(IConfigurationSection root, string? token, SettingErrors errors)
    {
        IConfigurationSection http = root.GetSection("Http");
        string? loopbackRole = http["LoopbackRole"] is { Length: > 0 } set && set != "none" ? set : null;
        foreach (string key in (string[])["TokenFile", "TokenEnv"])
        {
            if (loopbackRole is not null && http[key] is { Length: > 0 })
            {
                errors.Add(
                $"{http.Path}:LoopbackRole",
                $"is {loopbackRole}, but {http.Path}:{key} is set. Once there is a token, each "
                    + "request needs one. Remove one of the two keys.");
            }
        }

        if (!IPAddress.TryParse(http["Address"], out IPAddress? address) || IPAddress.IsLoopback(address))
        {
            return;
        }

        if (!HasTokens(root, token))
        {
            errors.Add($"{http.Path}:Address",
                $"is {address}, which other machines can reach, but there is no token. Create one with: estream token new --role admin. Or "
                + $"set {http.Path}:TokenFile or {http.Path}:TokenEnv, or listen on 127.0.0.1.");
        }

        // DNS rebinding: a web page can reach 127.0.0.1 once the host name of its site resolves to 127.0.0.1. A host that listens beyond
        // loopback accepts every name in the Host header, so it cannot reject such requests.
        if (loopbackRole is not null)
        {
            errors.Add(
                $"{http.Path}:LoopbackRole",
                $"is {loopbackRole}, which requires a loopback address, but {http.Path}:Address is {address}. "
                + "Change Address, or remove this key.");
        }
    }
    private static bool HasTokens(IConfigurationSection root, string? token) =>
        token is not null || !string.IsNullOrEmpty(root["Http:TokenFile"]) || !string.IsNullOrEmpty(root["Http:TokenEnv"])
        || File.Exists(SettingsReader.TokensFile(root));
}
