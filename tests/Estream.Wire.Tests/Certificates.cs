using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>An authority and certificates for localhost that it has signed, written as PEM files for one test.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public Certificates()
    {
        _authority = TestCertificates.Authority("Test authority", _authorityKey);
        CaFile = _folder.Combine("ca.crt");
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
    }

    /// <summary>The authority, in PEM.</summary>
    public string CaFile { get; }

    /// <summary>A path in the folder of the files.</summary>
    public string Combine(string name)
    {
        return _folder.Combine(name);
    }

    /// <summary>Writes NAME.crt and NAME.key: a certificate for localhost, with a key of its own or one that is given, that may say where
    /// its issuer's is to be had.</summary>
    public X509Certificate2 Write(string name, ECDsa? key = null, Uri? issuer = null)
    {
        ECDsa used = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 certificate = TestCertificates.ForLocalhost(_authority, used, issuer);
        File.WriteAllText(_folder.Combine($"{name}.crt"), certificate.ExportCertificatePem());
        SecretFiles.Write(_folder.Combine($"{name}.key"), used.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    /// <summary>What a server with a certificate shows.</summary>
    public WireServerTlsOptions Server(string name)
    {
        return new WireServerTlsOptions { CertificateFile = Combine($"{name}.crt"), KeyFile = Combine($"{name}.key") };
    }

    public void Dispose()
    {
        _authority.Dispose();
        _authorityKey.Dispose();
        _folder.Dispose();
    }
}
