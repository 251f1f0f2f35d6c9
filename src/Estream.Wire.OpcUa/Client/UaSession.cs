using System.Security.Cryptography;
using System.Text;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Client;

/// <summary>A session of a server (Part 4, 5.7) on a secure channel. The session outlives its channel: <see cref="ReactivateAsync"/>
/// moves it to a new one.</summary>
internal sealed class UaSession : IAsyncDisposable
{
    private const int NonceBytes = 32;
    private const int MaxNonceBytes = 4_096;

    private readonly OpcUaClientOptions _options;
    private readonly EndpointUrl _url;
    private readonly ChannelSecurity _security;
    private Endpoint _endpoint;
    private byte[] _serverNonce = [];

    private UaSession(OpcUaClientOptions options, EndpointUrl url, Endpoint endpoint, ChannelSecurity security, SecureChannel channel)
    {
        (_options, _url, _endpoint, _security) = (options, url, endpoint, security);
        Caller = new ServiceCaller(channel, options.TimeoutMs);
    }

    /// <summary>Calls services with the token of the session.</summary>
    public ServiceCaller Caller { get; private set; }

    public SecureChannel Channel => Caller.Channel;

    /// <summary>The time that the server keeps the session without a request.</summary>
    public double TimeoutMs { get; private set; }

    /// <summary>Connects, and creates and activates a session.</summary>
    /// <exception cref="WireConnectionException">The server cannot be reached, or is not the configured one.</exception>
    /// <exception cref="OpcUaException">The server refuses the session.</exception>
    public static async Task<UaSession> ConnectAsync(OpcUaClientOptions options, CancellationToken cancellation)
    {
        EndpointUrl url = Parse(options.Url);
        (Endpoint endpoint, ChannelSecurity security) = await EndpointSelection.SelectAsync(options, url, cancellation)
            .ConfigureAwait(false);
        SecureChannel channel = await OpenAsync(options, url, security, cancellation).ConfigureAwait(false);
        UaSession session = new(options, url, endpoint, security, channel);
        try
        {
            await session.CreateAsync(cancellation).ConfigureAwait(false);
            await session.ActivateAsync(cancellation).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a new channel, and activates the same session on it.</summary>
    /// <exception cref="WireConnectionException">The server cannot be reached.</exception>
    /// <exception cref="OpcUaException">The server no longer has the session.</exception>
    public async Task ReactivateAsync(CancellationToken cancellation)
    {
        await Channel.DisposeAsync().ConfigureAwait(false);
        if (!_security.IsNone)
        {
            // The trust list may have changed, or the server may have renewed its certificate.
            (_, ChannelSecurity present) = await EndpointSelection.SelectAsync(_options, _url, cancellation).ConfigureAwait(false);
            if (!present.Server!.RawDataMemory.Span.SequenceEqual(_security.Server!.RawDataMemory.Span))
            {
                throw new OpcUaException("ActivateSession", UaStatus.BadSecureChannelIdInvalid);
            }
        }

        UaNodeId token = Caller.AuthenticationToken;
        SecureChannel channel = await OpenAsync(_options, _url, _security, cancellation).ConfigureAwait(false);
        Caller = new ServiceCaller(channel, _options.TimeoutMs) { AuthenticationToken = token };
        await ActivateAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Closes the session and its channel.</summary>
    /// <param name="deletesSubscriptions">Whether the server deletes the subscriptions of the session.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    public async Task CloseAsync(bool deletesSubscriptions, CancellationToken cancellation)
    {
        try
        {
            Exchange exchange = new();
            Caller.Begin(exchange, TypeNumbers.CloseSessionRequest).Boolean(deletesSubscriptions);
            await Caller.CallAsync(exchange, "CloseSession", cancellation).ConfigureAwait(false);
        }
        catch (OpcUaException)
        {
            // The connection is gone, and the session with it after its time-out.
        }

        await Channel.CloseAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => Channel.DisposeAsync();

    /// <summary>Parses the URL of a server.</summary>
    /// <exception cref="WireConfigurationException">The URL is invalid.</exception>
    internal static EndpointUrl Parse(string text) => EndpointUrl.TryParse(text, out EndpointUrl? url)
        ? url
        : throw new WireConfigurationException("Url", $"'{text}' is not accepted; write opc.tcp://HOST:PORT/PATH.");

    private static Task<SecureChannel> OpenAsync(
        OpcUaClientOptions options, EndpointUrl url, ChannelSecurity security, CancellationToken cancellation) =>
        SecureChannel.OpenAsync(url, security, options.TimeoutMs, options.TokenLifetimeMs, cancellation);

    private async Task CreateAsync(CancellationToken cancellation)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        byte[] certificate = _security.Own?.RawData ?? [];
        Exchange exchange = new();
        UaWriter request = Caller.Begin(exchange, TypeNumbers.CreateSessionRequest);
        request.Text(_options.ApplicationUri);
        request.Text("urn:estream:opcua");
        request.LocalizedText(new UaLocalizedText(null, "Estream"));
        request.UInt32(1);
        request.Text((string?)null);
        request.Text((string?)null);
        request.NullArray();
        request.Text((string?)null);
        request.Text(_url.Text);
        request.Text(_options.SessionName);
        request.Bytes(nonce);
        request.Bytes(certificate);
        request.Double(_options.SessionTimeoutMs);
        request.UInt32(UaLimits.MaxMessageBytes);
        await Caller.CallAsync(exchange, "CreateSession", cancellation).ConfigureAwait(false);
        ReadCreated(exchange, [.. certificate, .. nonce]);
    }

    private void ReadCreated(Exchange exchange, byte[] signed)
    {
        UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.CreateSessionResponse, "CreateSession");
        reader.NodeId();
        UaNodeId token = reader.NodeId();
        TimeoutMs = reader.Double();
        ReadNonce(ref reader);
        ReadOnlySpan<byte> certificate = reader.Bytes();
        List<Endpoint> endpoints = Endpoint.ReadAll(ref reader);
        int count = reader.ArrayLength(8);
        for (int index = 0; index < count; index++)
        {
            reader.Bytes();
            reader.Bytes();
        }

        string? algorithm = reader.Text();
        ReadOnlySpan<byte> signature = reader.Bytes();
        ServiceCaller.Check(reader, "CreateSession");
        Caller.AuthenticationToken = token;
        if (_security.IsNone)
        {
            _endpoint = Confirmed(endpoints) ?? _endpoint;
            return;
        }

        if (!certificate.StartsWith(_security.Server!.RawDataMemory.Span) || algorithm != _security.Algorithms.SignatureUri
            || !_security.Verify(signed, signature))
        {
            throw new WireConnectionException(
                $"{_url.Text} cannot prove that it owns the certificate of its endpoint.", isTransient: true);
        }

        // Part 4, 5.7.2.2: discovery was not protected, so an attacker could have changed endpoints. The tokens of users are taken from
        // here for the same reason, and because their identifiers may differ between responses.
        _endpoint = Confirmed(endpoints)
            ?? throw new WireConnectionException(
                $"{_url.Text} has described its endpoint differently before the connection was secure. Check for an attacker.",
                isTransient: true);
    }

    /// <summary>Finds the selected endpoint in the response. A server may omit its certificate there.</summary>
    private Endpoint? Confirmed(List<Endpoint> endpoints)
    {
        Endpoint? found = endpoints.Find(one => one.IsBinary && one.PolicyUri == _endpoint.PolicyUri && one.Mode == _endpoint.Mode
            && (one.Certificate.Length == 0 || one.Certificate.AsSpan().SequenceEqual(_endpoint.Certificate)));
        return found is null ? null : found with { Certificate = _endpoint.Certificate };
    }

    private async Task ActivateAsync(CancellationToken cancellation)
    {
        Exchange exchange = new();
        UaWriter request = Caller.Begin(exchange, TypeNumbers.ActivateSessionRequest);
        if (_security.IsNone)
        {
            UserIdentity.WriteSignature(request, null, default);
        }
        else
        {
            UserIdentity.WriteSignature(
                request, _security.Algorithms.SignatureUri, _security.Sign([.. _security.Server!.RawDataMemory.Span, .. _serverNonce]));
        }

        request.NullArray();
        request.NullArray();
        UserIdentity.Write(request, _options, _endpoint, _url, _security, _serverNonce);
        await Caller.CallAsync(exchange, "ActivateSession", cancellation).ConfigureAwait(false);
        UaReader reader = ServiceCaller.Response(exchange, TypeNumbers.ActivateSessionResponse, "ActivateSession");
        ReadNonce(ref reader);
        ServiceCaller.Check(reader, "ActivateSession");
    }

    private void ReadNonce(ref UaReader reader)
    {
        ReadOnlySpan<byte> nonce = reader.Bytes();
        if (nonce.Length > MaxNonceBytes || (!_security.IsNone && nonce.Length < NonceBytes))
        {
            throw new WireConnectionException($"{_url.Text} has sent a nonce of {nonce.Length} bytes.", isTransient: true);
        }

        _serverNonce = nonce.ToArray();
    }
}
