using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Testing;

/// <summary>Creates an authority and a server certificate for localhost signed by it, for one test, and writes them as PEM files.</summary>
public static class TestCertificates
{
    /// <summary>Writes NAME-ca.crt, NAME.crt and NAME.key, with mode 600, into a folder.</summary>
    public static X509Certificate2 Write(TempDirectory folder, string name)
    {
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 authority = Authority($"Test authority {name}", authorityKey);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 certificate = ForLocalhost(authority, key);
        File.WriteAllText(folder.Combine($"{name}-ca.crt"), authority.ExportCertificatePem());
        File.WriteAllText(folder.Combine($"{name}.crt"), certificate.ExportCertificatePem());
        SecretFiles.Write(folder.Combine($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    /// <summary>Returns an authority that is valid for two days.</summary>
    public static X509Certificate2 Authority(string name, ECDsa key)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
    }

    /// <summary>Returns a certificate for localhost, valid for one day and signed by an authority.</summary>
    /// <param name="authority">The signing authority.</param>
    /// <param name="key">The key of the certificate.</param>
    /// <param name="issuer">The address of the authority's certificate to state in the certificate; null for none.</param>
    public static X509Certificate2 ForLocalhost(X509Certificate2 authority, ECDsa key, Uri? issuer = null)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (issuer is not null)
        {
            request.CertificateExtensions.Add(
                new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuer.ToString()]));
        }

        return request.Create(authority, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
    }
}
