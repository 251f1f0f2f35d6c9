using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Security;
using Estream.Wire.OpcUa.Services;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Client;

/// <summary>Asks a server for its endpoints, selects the configured one, and checks its certificate. Never selects less security than
/// configured.</summary>
internal static class EndpointSelection
{
    private static readonly int s_lifetimeMs = 60_000;

    /// <exception cref="WireConnectionException">The server cannot be reached, has no such endpoint, or its certificate is not
    /// accepted.</exception>
    /// <exception cref="WireConfigurationException">The trust list or the certificate of the client cannot be used.</exception>
    public static async Task<(Endpoint Endpoint, ChannelSecurity Security)> SelectAsync(
        OpcUaClientOptions options, EndpointUrl url, CancellationToken cancellation)
    {
        List<Endpoint> offered = await DiscoverAsync(options, url, cancellation).ConfigureAwait(false);
        PolicyAlgorithms algorithms = PolicyAlgorithms.Of(options.Policy);
        UaSecurityMode mode = algorithms.IsNone ? UaSecurityMode.None : options.Mode;
        Endpoint endpoint = offered.Find(one => one.IsBinary && one.PolicyUri == algorithms.Uri && one.Mode == (int)mode)
            ?? throw new WireConnectionException(
                $"{url.Text} has no endpoint with policy {algorithms.Name} and mode {mode}. It offers: {Describe(offered)}.",
                isTransient: true);
        if (algorithms.IsNone)
        {
            return (endpoint, ChannelSecurity.None);
        }

        List<X509Certificate2> chain = ReadChain(endpoint.Certificate, url);
        string folder = options.PkiFolder
            ?? throw new WireConfigurationException("Pki", $"is required for policy {algorithms.Name}; name a folder.");
        string? reason = new TrustFolder(folder).WhyNot(chain[0], chain[1..], url.Host, endpoint.ApplicationUri, UaTime.Now);
        return reason is null
            ? (endpoint, new ChannelSecurity(algorithms, mode, ClientCertificate.LoadOrCreate(folder, options.ApplicationUri), chain[0]))
            : throw new WireConnectionException($"The certificate of {url.Text} is not accepted. {reason}", isTransient: true);
    }

    /// <summary>Reads the endpoints of a server over a channel without security; they are compared with those of the session
    /// later.</summary>
    public static async Task<List<Endpoint>> DiscoverAsync(OpcUaClientOptions options, EndpointUrl url, CancellationToken cancellation)
    {
        SecureChannel channel = await SecureChannel
            .OpenAsync(url, ChannelSecurity.None, options.TimeoutMs, s_lifetimeMs, cancellation).ConfigureAwait(false);
        try
        {
            ServiceCaller caller = new(channel, options.TimeoutMs);
            Exchange exchange = new();
            UaWriter request = caller.Begin(exchange, TypeNumbers.GetEndpointsRequest);
            request.Text(url.Text);
            request.NullArray();
            request.NullArray();
            await caller.CallAsync(exchange, "GetEndpoints", cancellation).ConfigureAwait(false);
            UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.GetEndpointsResponse, "GetEndpoints");
            List<Endpoint> endpoints = Endpoint.ReadAll(ref reader);
            ServiceCaller.Check(reader, "GetEndpoints");
            return endpoints;
        }
        finally
        {
            await channel.CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Describes endpoints for messages: policies and modes.</summary>
    public static string Describe(IEnumerable<Endpoint> endpoints) => string.Join(
        ", ", endpoints.Where(one => one.IsBinary).Select(one =>
            $"{one.PolicyUri?[(one.PolicyUri.LastIndexOf('#') + 1)..]} {(UaSecurityMode)one.Mode}").Distinct());

    private static List<X509Certificate2> ReadChain(byte[] bytes, EndpointUrl url)
    {
        List<X509Certificate2> chain = [];
        try
        {
            ReadOnlyMemory<byte> rest = bytes;
            while (!rest.IsEmpty && bytes.Length <= UaLimits.MaxCertificateBytes)
            {
                X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(rest.Span);
                chain.Add(certificate);
                rest = rest[certificate.RawDataMemory.Length..];
            }
        }
        catch (CryptographicException failure)
        {
            throw new WireConnectionException($"{url.Text} has an invalid certificate: {failure.Message}", isTransient: true, failure);
        }

        return chain.Count > 0
            ? chain
            : throw new WireConnectionException($"{url.Text} has an endpoint with security and no valid certificate.", isTransient: true);
    }
}
