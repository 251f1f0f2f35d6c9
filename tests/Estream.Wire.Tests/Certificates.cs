using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>An authority and certificates for localhost that it has signed, written as PEM files for one test.</summary>
internal sealed class Certificates : TestAuthority
{
    /// <summary>What a server with a certificate shows.</summary>
    public WireServerTlsOptions Server(string name)
    {
        return new WireServerTlsOptions { CertificateFile = Combine($"{name}.crt"), KeyFile = Combine($"{name}.key") };
    }
}
