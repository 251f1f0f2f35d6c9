using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Testing;

/// <summary>An authority and a server certificate for localhost that it has signed, made for one test and written as PEM files.</summary>
public static class TestCertificates
{
    /// <summary>Writes NAME-ca.crt, NAME.crt and NAME.key into a folder.</summary>
    public static X509Certificate2 Write(TempDirectory folder, string name)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authorityRequest = new($"CN=Test authority {name}", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        X509Certificate2 certificate = request.Create(authority, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));

        File.WriteAllText(folder.Combine($"{name}-ca.crt"), authority.ExportCertificatePem());
        File.WriteAllText(folder.Combine($"{name}.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(folder.Combine($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
