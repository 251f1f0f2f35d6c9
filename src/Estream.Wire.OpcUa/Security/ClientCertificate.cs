using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire.OpcUa.Security;

/// <summary>The certificate of this application with its key, in the folder of a trust list. Created on first use.</summary>
internal static class ClientCertificate
{
    private const int KeyBits = 2_048;
    private const int ValidYears = 5;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads own/cert.der and own/key.pem, or creates both. The key has mode 600.</summary>
    /// <exception cref="WireConfigurationException">A file is invalid, cannot be written, or the key is accessible to others.</exception>
    public static X509Certificate2 LoadOrCreate(string folder, string applicationUri)
    {
        string own = Path.Combine(folder, "own");
        string certificateFile = Path.Combine(own, "cert.der");
        string keyFile = Path.Combine(own, "key.pem");
        try
        {
            if (!File.Exists(certificateFile) && !File.Exists(keyFile))
            {
                Directory.CreateDirectory(own);
                Create(applicationUri, certificateFile, keyFile);
            }

            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(keyFile) & ~OwnerOnly) != 0)
            {
                throw new WireConfigurationException("Pki", $"{keyFile} is accessible to others than its owner. Run: chmod 600 {keyFile}");
            }

            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(certificateFile);
            using RSA key = RSA.Create();
            key.ImportFromPem(File.ReadAllText(keyFile));
            return certificate.CopyWithPrivateKey(key);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException
            or ArgumentException)
        {
            throw new WireConfigurationException(
                "Pki", $"the certificate in {own} cannot be used: {failure.Message} Correct or delete cert.der and key.pem.", failure);
        }
    }

    /// <summary>Returns the application URI in the certificate (Part 6, 6.2.2); null if there is none.</summary>
    public static string? UriOf(X509Certificate2 certificate) => SubjectNames.Of(certificate).Uri;

    private static void Create(string applicationUri, string certificateFile, string keyFile)
    {
        using RSA key = RSA.Create(KeyBits);
        CertificateRequest request = new("CN=Estream OPC UA client", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddUri(new Uri(applicationUri));
        names.AddDnsName(Dns.GetHostName());
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.KeyEncipherment
            | X509KeyUsageFlags.DataEncipherment | X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        DateTimeOffset now = UaTime.Now;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(ValidYears));
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (FileStream file = new(keyFile, options))
        using (StreamWriter text = new(file))
        {
            text.Write(key.ExportPkcs8PrivateKeyPem());
        }

        File.WriteAllBytes(certificateFile, certificate.RawData);
    }
}

/// <summary>The names in the subject alternative name of a certificate.</summary>
/// <param name="Uri">The first URI, which is the application URI; null if there is none.</param>
/// <param name="Hosts">The DNS names and IP addresses.</param>
internal sealed record SubjectNames(string? Uri, IReadOnlyList<string> Hosts)
{
    private const string Extension = "2.5.29.17";

    /// <exception cref="CryptographicException">The extension is malformed.</exception>
    public static SubjectNames Of(X509Certificate2 certificate)
    {
        string? uri = null;
        List<string> hosts = [];
        if (certificate.Extensions[Extension] is not { } extension)
        {
            return new SubjectNames(null, hosts);
        }

        try
        {
            AsnReader names =
                new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                Asn1Tag tag = names.PeekTag();
                switch (tag.TagValue)
                {
                    case 2:
                        hosts.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                        break;
                    case 6:
                        string found = names.ReadCharacterString(UniversalTagNumber.IA5String, tag);
                        uri ??= found;
                        break;
                    case 7:
                        byte[] address = names.ReadOctetString(tag);
                        hosts.Add(address.Length is 4 or 16 ? new IPAddress(address).ToString() : "");
                        break;
                    default:
                        names.ReadEncodedValue();
                        break;
                }
            }
        }
        catch (AsnContentException malformed)
        {
            throw new CryptographicException("the subject alternative name is malformed", malformed);
        }

        return new SubjectNames(uri, hosts);
    }

    /// <summary>Whether the certificate is for a host. A name of this machine also matches localhost and loopback addresses.</summary>
    public bool Covers(string host)
    {
        return Hosts.Any(name => IsSame(name, host)) || (IsLoopback(host) && Hosts.Any(name => IsLoopback(name)
            || IsSame(name, Dns.GetHostName())));
    }

    public static bool IsLoopback(string host) =>
        IsSame(host, "localhost") || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(one, out IPAddress? a) && IPAddress.TryParse(other.Trim('[', ']'), out IPAddress? b) && a.Equals(b));
}
