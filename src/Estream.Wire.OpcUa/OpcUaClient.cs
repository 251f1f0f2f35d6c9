using Estream.Wire.OpcUa.Client;
using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa;

/// <summary>
/// A session with one server: browses, reads, writes, calls methods and reads history. Thread-safe; requests may be under way at the same
/// time. Does not reconnect: after the connection is lost, requests throw, and the caller creates another client.
/// </summary>
public sealed class OpcUaClient : IAsyncDisposable
{
    private const int MaxHistoryValues = 10_000_000;

    private readonly UaSession _session;

    private OpcUaClient(UaSession session) => _session = session;

    /// <summary>The number of security tokens that the server has issued for the channel.</summary>
    internal int Tokens => _session.Channel.Tokens;

    /// <summary>Connects, checks the certificate of the server, and activates a session.</summary>
    /// <param name="options">The server, its security, and its user.</param>
    /// <param name="cancellation">Cancels the attempt.</param>
    /// <exception cref="WireConnectionException">The server cannot be reached, has no such endpoint, or is not trusted.</exception>
    /// <exception cref="WireConfigurationException">The URL, the trust list or a certificate of this client is not accepted.</exception>
    /// <exception cref="OpcUaException">The server refuses the session.</exception>
    public static async Task<OpcUaClient> ConnectAsync(OpcUaClientOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new OpcUaClient(await UaSession.ConnectAsync(options, cancellation).ConfigureAwait(false));
    }

    /// <summary>Reads attributes. One request; a server may limit the number of items (often to 1,000).</summary>
    /// <param name="items">The attributes.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The values in the order of the items; each has its own status.</returns>
    /// <exception cref="OpcUaException">The server refuses the request, or the connection was lost.</exception>
    public ValueTask<UaDataValue[]> ReadAsync(IReadOnlyList<UaReadItem> items, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        return AttributeServices.ReadAsync(_session.Caller, items, cancellation);
    }

    /// <summary>Writes attributes. One request; values need the type of their variable.</summary>
    /// <param name="items">The attributes with their values.</param>
    /// <param name="cancellation">Cancels the wait, not the write.</param>
    /// <returns>The statuses in the order of the items.</returns>
    /// <exception cref="OpcUaException">The server refuses the request, or the connection was lost.</exception>
    public ValueTask<UaStatus[]> WriteAsync(IReadOnlyList<UaWriteItem> items, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        return AttributeServices.WriteAsync(_session.Caller, items, cancellation);
    }

    /// <summary>Calls a method.</summary>
    /// <param name="target">The object.</param>
    /// <param name="method">The method of the object.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="cancellation">Cancels the wait, not the method.</param>
    /// <exception cref="OpcUaException">The server refuses the request, or the connection was lost.</exception>
    public ValueTask<UaCallResult> CallAsync(
        UaNodeId target, UaNodeId method, IReadOnlyList<UaVariant> arguments, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return AttributeServices.CallAsync(_session.Caller, target, method, arguments, cancellation);
    }

    /// <summary>Reads the hierarchical references of a node, with as many requests as needed.</summary>
    /// <param name="node">The node.</param>
    /// <param name="most">The maximum number of references. Default: 10,000.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The status of the node, and its references.</returns>
    /// <exception cref="OpcUaException">The server refuses the request, or the connection was lost.</exception>
    public async ValueTask<(UaStatus Status, IReadOnlyList<UaReference> References)> BrowseAsync(
        UaNodeId node, int most = 10_000, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        return await BrowseServices.BrowseAsync(_session.Caller, node, most, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads the raw history of a variable, with as many requests as needed (Part 11, 6.4.3).</summary>
    /// <param name="node">The variable.</param>
    /// <param name="start">The first time, in UTC.</param>
    /// <param name="end">The last time, in UTC.</param>
    /// <param name="most">The maximum number of values. Default: 100,000.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The status of the node, and its values.</returns>
    /// <exception cref="OpcUaException">The server refuses the request, or the connection was lost.</exception>
    public async ValueTask<(UaStatus Status, IReadOnlyList<UaDataValue> Values)> HistoryReadAsync(
        UaNodeId node, DateTime start, DateTime end, int most = 100_000, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(most, MaxHistoryValues);
        List<UaDataValue> values = [];
        byte[] continuation = [];
        UaStatus status;
        do
        {
            (status, continuation, IReadOnlyList<UaDataValue> page) = await AttributeServices.HistoryReadAsync(
                _session.Caller, node, start, end, (uint)most, continuation, releases: false, cancellation).ConfigureAwait(false);
            values.AddRange(page.Take(most - values.Count));
        }
        while (continuation.Length > 0 && !status.IsBad && values.Count < most);

        if (continuation.Length > 0)
        {
            await AttributeServices.HistoryReadAsync(
                _session.Caller, node, start, end, (uint)most, continuation, releases: true, cancellation).ConfigureAwait(false);
        }

        return (status, values);
    }

    /// <summary>Closes the session, its subscriptions and its channel.</summary>
    public async ValueTask DisposeAsync() =>
        await _session.CloseAsync(deletesSubscriptions: true, CancellationToken.None).ConfigureAwait(false);
}
