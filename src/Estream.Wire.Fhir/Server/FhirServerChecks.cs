using System.Net;
using System.Security.Cryptography;
using Estream.Esf;
using Estream.Wire.Fhir.Translation;

namespace Estream.Wire.Fhir;

/// <summary>Checks the options of a server.</summary>
internal static class FhirServerChecks
{
    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    public static void Check(FhirServerOptions options)
    {
        Range("Port", options.Port, 0, ushort.MaxValue);
        Range("MaxConnections", options.MaxConnections, 1, 100_000);
        Range("MaxConnectionsPerAddress", options.MaxConnectionsPerAddress ?? 1, 1, 100_000);
        Range("MaxScannedResources", options.MaxScannedResources, 1_000, int.MaxValue);
        Range("MaxBodyBytes", options.MaxBodyBytes, 1_024, 256 << 20);
        Range("MaxBundleEntries", options.MaxBundleEntries, 1, 100_000);
        bool isGuarded = options.Tls is not null && options.TokensFile is not null;
        if (!IPAddress.IsLoopback(options.Address) && !isGuarded && !options.UnsafeAllowAnyPeer)
        {
            throw new WireConfigurationException("Address",
                $"is {options.Address}, which other machines reach. Set Tls and TokensFile, or UnsafeAllowAnyPeer.");
        }

        if (IsAny(options.Address) && options.PublicUrl is null)
        {
            throw new WireConfigurationException("PublicUrl",
                $"is required with Address {options.Address}: consents compare references with the URL of the server.");
        }

        if (!options.BasePath.StartsWith('/') || (options.BasePath.Length > 1 && options.BasePath.EndsWith('/')))
        {
            throw new WireConfigurationException("BasePath", $"is '{options.BasePath}'; write a path such as /fhir, or /.");
        }

        CheckUrl("PublicUrl", options.PublicUrl);
        foreach (string url in options.OtherUrls)
        {
            CheckUrl("OtherUrls", url);
        }

        foreach (string endpoint in options.SubscriptionEndpoints)
        {
            CheckEndpoint(endpoint);
        }

        if (options.AccessQueue == options.Queue || options.Mappings.Any(mapping => mapping.Queue == options.AccessQueue))
        {
            throw new WireConfigurationException("AccessQueue", $"is '{options.AccessQueue}', which holds other messages. Name another.");
        }

        foreach (FhirMapping mapping in options.Mappings)
        {
            CheckMapping(mapping, options);
        }
    }

    /// <summary>Whether an address stands for all addresses of a machine.</summary>
    public static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>Checks that a schema is one that this adapter writes, in its version.</summary>
    public static void CheckSchema(string key, EsfSchema schema)
    {
        if (!FhirSchemas.Own.TryGet(schema.QualifiedName, out EsfSchema? own) || own.Id != schema.Id)
        {
            throw new WireConfigurationException(key, $"is {schema.QualifiedName}; this adapter translates to "
                + $"{string.Join(", ", FhirSchemas.Maps.Values.Select(map => map.Schema.Name))} of its own version.");
        }
    }

    /// <summary>Reads the key of pseudonyms.</summary>
    /// <returns>Null if none is set.</returns>
    /// <exception cref="WireConfigurationException">The key cannot be read, or is too short.</exception>
    public static FhirPseudonyms? ReadKey(WireSecret? secret)
    {
        if (secret is null)
        {
            return null;
        }

        byte[] key = [];
        try
        {
            key = secret.Read();
            return key.Length >= FhirPseudonyms.MinKeyBytes
                ? new FhirPseudonyms(key)
                : throw new WireConfigurationException(
                    "PseudonymKeyFile", $"has {key.Length} bytes in {secret}; write at least {FhirPseudonyms.MinKeyBytes}.");
        }
        catch (WireConnectionException failure)
        {
            throw new WireConfigurationException("PseudonymKeyFile", failure.Message, failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static void CheckUrl(string key, string? url)
    {
        bool isUrl = Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https"
            && parsed.Query.Length + parsed.Fragment.Length == 0;
        if (url is not null && !isUrl)
        {
            throw new WireConfigurationException(key, $"is '{url}'; write an http or https URL.");
        }
    }

    private static void CheckMapping(FhirMapping mapping, FhirServerOptions options)
    {
        CheckSchema("Mappings", mapping.Schema);
        if (mapping.Queue == options.Queue)
        {
            throw new WireConfigurationException("Mappings", $"name the queue '{mapping.Queue}', which holds the commits. Name another.");
        }

        if (options.PseudonymKey is null)
        {
            throw new WireConfigurationException("PseudonymKeyFile",
                "is required and not set: ids of resources are plaintext in messages, so they are replaced by pseudonyms.");
        }
    }

    /// <summary>An endpoint must name a host that it ends with a slash, so that no other host has the same prefix.</summary>
    private static void CheckEndpoint(string endpoint)
    {
        bool isUrl = Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https";
        if (!isUrl || !endpoint[(endpoint.IndexOf("//", StringComparison.Ordinal) + 2)..].Contains('/', StringComparison.Ordinal)
            || url!.UserInfo.Length > 0)
        {
            throw new WireConfigurationException("SubscriptionEndpoints",
                $"contain '{endpoint}'; write a URL with a path, such as https://ehr.example/hooks/.");
        }

        if (url!.Scheme == "http" && !url.IsLoopback)
        {
            throw new WireConfigurationException("SubscriptionEndpoints", $"contain '{endpoint}'; write an https URL beyond loopback.");
        }
    }

    private static void Range(string key, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new WireConfigurationException(key, $"{value} is not accepted; write a whole number from {min} to {max}.");
        }
    }
}
