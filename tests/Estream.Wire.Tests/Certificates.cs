using System.Net;
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
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    public Certificates()
    {
        CertificateRequest request = new("CN=Test authority", _authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(_now.AddDays(-1), _now.AddDays(2));
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

    /// <summary>Writes NAME.crt and NAME.key: a certificate for localhost, with a key of its own or one that is given.</summary>
    public X509Certificate2 Write(string name, ECDsa? key = null)
    {
        ECDsa used = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", used, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        X509Certificate2 certificate = request.Create(_authority, _now.AddDays(-1), _now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(_folder.Combine($"{name}.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.Combine($"{name}.key"), used.ExportPkcs8PrivateKeyPem());
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
