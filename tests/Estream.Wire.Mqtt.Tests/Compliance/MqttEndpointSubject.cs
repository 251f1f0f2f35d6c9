using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Estream.Testing;
using Estream.Wire.Compliance;

namespace Estream.Wire.Mqtt.Tests.Compliance;

/// <summary>The endpoint with a password and optional TLS.</summary>
internal sealed class MqttEndpointSubject(bool isSecure = false) : MqttSubject
{
    public override IWireAdapterFactory Factory { get; } = new MqttEndpointFactory();

    public override ComplianceTraits Traits =>
        ComplianceTraits.Listens | ComplianceTraits.Acknowledges | ComplianceTraits.NoticesSilence | ComplianceTraits.HasSecret;

    public override IReadOnlyDictionary<string, string?> Settings(ComplianceSite site)
    {
        // Cached, because deriving the key takes a while and the settings are read often.
        string passwords = Path.Combine(site.Folder, "passwords");
        if (!File.Exists(passwords))
        {
            SecretFiles.Write(passwords, MqttPasswordFile.CreateLine(MqttPeer.User, site.Secret));
        }

        Dictionary<string, string?> settings = Mapped(
            ("Address", "127.0.0.1"),
            ("Port", site.Port.ToString(CultureInfo.InvariantCulture)),
            ("PasswordFile", passwords));
        if (isSecure)
        {
            settings.Add("Tls:CertificateFile", CertificateFile(site));
            settings.Add("Tls:KeyFile", Path.ChangeExtension(CertificateFile(site), "key"));
        }

        return settings;
    }

    public override IWirePeer CreatePeer(ComplianceSite site)
    {
        return new MqttPeer(site, isBroker: false,
            isSecure ? WirePin.OfCertificate(X509Certificate2.CreateFromPem(File.ReadAllText(CertificateFile(site)))) : null);
    }

    /// <summary>The certificate for the site, created on first use, with its key in the same folder.</summary>
    private static string CertificateFile(ComplianceSite site)
    {
        string file = Path.Combine(site.Folder, "endpoint.crt");
        if (!File.Exists(file))
        {
            using TempDirectory made = new();
            TestCertificates.Write(made, "endpoint").Dispose();
            File.Copy(made.Combine("endpoint.key"), Path.ChangeExtension(file, "key"));
            File.Copy(made.Combine("endpoint.crt"), file);
        }

        return file;
    }
}
