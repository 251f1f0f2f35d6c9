using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>An authority and certificates for localhost that it has signed, written as PEM files for one test.</summary>
internal sealed class Certificates : TestAuthority
{
    /// <summary>The options of a server with this certificate.</summary>
    public WireServerTlsOptions Server(string name)
    {
        return new WireServerTlsOptions { CertificateFile = Combine($"{name}.crt"), KeyFile = Combine($"{name}.key") };
    }
}
