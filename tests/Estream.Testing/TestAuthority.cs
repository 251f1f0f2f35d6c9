using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Testing;

/// <summary>A certificate authority, certificates for localhost that it has signed, and its revocation lists, written as PEM files for one
/// test.</summary>
public class TestAuthority : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;
    private int _lists;

    /// <summary>Creates an authority.</summary>
    public TestAuthority()
    {
        _authority = TestCertificates.Authority("Test authority", _authorityKey);
        CaFile = _folder.Combine("ca.crt");
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
    }

    /// <summary>The path of the authority's certificate, in PEM.</summary>
    public string CaFile { get; }

    /// <summary>Returns a path in the folder of the files.</summary>
    public string Combine(string name) => _folder.Combine(name);

    /// <summary>Writes NAME.crt and NAME.key: a certificate for localhost.</summary>
    /// <param name="name">The name of the files.</param>
    /// <param name="key">The key of the certificate; null for a new key.</param>
    /// <param name="issuer">The address of the authority's certificate to state in the certificate; null for none.</param>
    /// <returns>The certificate with its key.</returns>
    public X509Certificate2 Write(string name, ECDsa? key = null, Uri? issuer = null)
    {
        ECDsa used = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = TestCertificates.ForLocalhost(_authority, used, issuer);
        File.WriteAllText(_folder.Combine($"{name}.crt"), certificate.ExportCertificatePem());
        SecretFiles.Write(_folder.Combine($"{name}.key"), used.ExportPkcs8PrivateKeyPem());
        return certificate.CopyWithPrivateKey(used);
    }

    /// <summary>When the revocation lists are due to be replaced; null for tomorrow.</summary>
    public DateTimeOffset? NextUpdate { get; set; }

    /// <summary>Returns a revocation list in DER.</summary>
    public byte[] RevocationList(params X509Certificate2[] revoked)
    {
        CertificateRevocationListBuilder builder = new();
        foreach (X509Certificate2 certificate in revoked)
        {
            builder.AddEntry(certificate);
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateTimeOffset next = NextUpdate ?? now.AddDays(1);
        return builder.Build(_authority, ++_lists, next, HashAlgorithmName.SHA256, thisUpdate: next.AddDays(-2));
    }

    /// <summary>Writes NAME, a revocation list in PEM.</summary>
    public string WriteRevocationList(string name, params X509Certificate2[] revoked)
    {
        string path = _folder.Combine(name);
        File.WriteAllText(path, PemEncoding.WriteString("X509 CRL", RevocationList(revoked)) + "\n");
        return path;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Removes the files.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _authority.Dispose();
            _authorityKey.Dispose();
            _folder.Dispose();
        }
    }
}
