using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;

namespace Estream.Wire;

/// <summary>Reads files and settings for both sides of TLS.</summary>
internal static class WireTlsFiles
{
    private const int MaxPins = 100;
    private const int MaxKeyBytes = 256 * 1024;

    /// <exception cref="WireConfigurationException">A pin is invalid.</exception>
    public static List<WirePin> ReadPins(WireSettings section, string key)
    {
        List<WirePin> pins = [];
        while (pins.Count < MaxPins && section.Text($"{key}:{pins.Count}") is { } text)
        {
            pins.Add(ParsePin(section, $"{key}:{pins.Count}", text));
        }

        return pins;
    }

    /// <summary>Reads the pin of one certificate: 64 hexadecimal digits, with or without colons.</summary>
    /// <returns>An empty array if the key is not set.</returns>
    /// <exception cref="WireConfigurationException">The pin is invalid.</exception>
    public static WirePin[] ReadCertificatePin(WireSettings section, string key)
    {
        if (section.Text(key) is not { } text)
        {
            return [];
        }

        WirePin pin = ParsePin(section, key, text);
        return pin.IsOfKey
            ? throw new WireConfigurationException(section.KeyOf(key),
                "is the pin of a key; set it in Pins:0, or write the 64 hexadecimal digits of the certificate's SHA-256 here.")
            : [pin];
    }

    private static WirePin ParsePin(WireSettings section, string key, string text)
    {
        try
        {
            return WirePin.Parse(text);
        }
        catch (FormatException failure)
        {
            throw new WireConfigurationException(section.KeyOf(key), failure.Message, failure);
        }
    }

    /// <summary>
    /// Trusts the authorities of the machine. Does not download intermediate certificates: an unverified certificate could name any server
    /// to download from.
    /// </summary>
    public static X509ChainPolicy TrustMachine() =>
        new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };

    /// <summary>Trusts the authorities of a file only. Downloads nothing.</summary>
    /// <exception cref="WireConfigurationException">The file is missing, or contains no certificate.</exception>
    public static X509ChainPolicy TrustOnly(string caFile)
    {
        X509ChainPolicy policy = TrustMachine();
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        try
        {
            FileKinds.ThrowIfSpecial(caFile);
            policy.CustomTrustStore.ImportFromPemFile(caFile);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException
            or EstreamStorageException)
        {
            throw new WireConfigurationException("Tls", $"the authorities in {caFile} cannot be read: {failure.Message}", failure);
        }

        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new WireConfigurationException("Tls", $"{caFile} contains no PEM certificate of an authority.");
    }

    /// <summary>A certificate with its key, from a file with mode 600, and its intermediate certificates.</summary>
    /// <exception cref="WireConfigurationException">A file is missing or invalid.</exception>
    public static SslStreamCertificateContext LoadCertificate(string certificateFile, string? keyFile)
    {
        try
        {
            string key = SecretFile.ReadText(keyFile ?? certificateFile, "TLS key file", MaxKeyBytes);
            FileKinds.ThrowIfSpecial(certificateFile);
            X509Certificate2Collection chain = [];
            chain.ImportFromPemFile(certificateFile);
            X509Certificate2 own = X509Certificate2.CreateFromPem(File.ReadAllText(certificateFile), key);
            return SslStreamCertificateContext.Create(own, chain, offline: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException
            or EstreamStorageException)
        {
            throw new WireConfigurationException(
                "Tls", $"{certificateFile} does not hold a PEM certificate with its key ({keyFile ?? "same file"}): {failure.Message}",
                failure);
        }
    }

    /// <summary>Whether a certificate is pinned.</summary>
    public static bool IsPinned(IReadOnlyList<WirePin> pins, X509Certificate? certificate)
    {
        return certificate is X509Certificate2 shown && pins.Any(pin => pin.Matches(shown));
    }
}
