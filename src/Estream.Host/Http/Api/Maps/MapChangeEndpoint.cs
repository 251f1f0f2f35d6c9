using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Map;

namespace Estream.Host.Http;

/// <summary>
/// <c>PUT /api/maps/{name}/{key}</c> with <c>{"text"|"bytes"|"message","schema","ifVersion","timeToLiveSeconds"}</c> changes an entry of a
/// map that clients write; <c>DELETE /api/maps/{name}/{key}?ifVersion=</c> removes it. Both return 409 with the present version if
/// the entry has another version than <c>ifVersion</c>.
/// </summary>
internal static class MapChangeEndpoint
{
    private const int MaxBodyBytes = 1 << 20;
    private const long MaxSeconds = 100L * 365 * 86_400;

    /// <summary>How long a caller waits until its change is confirmed.</summary>
    private static readonly TimeSpan s_confirmLimit = TimeSpan.FromSeconds(10);

    public static void MapMapChanges(this IEndpointRouteBuilder app)
    {
        app.MapPut("/api/maps/{name}/{**key}", PutAsync).For(AccessRole.Operator, checksScopes: true).TakesBody(MaxBodyBytes);
        app.MapDelete("/api/maps/{name}/{**key}", DeleteAsync).For(AccessRole.Operator, checksScopes: true);
    }

    private static async Task PutAsync(HttpContext context, IHostView view, string name, string key)
    {
        if (await WritableAsync(context, view, name, key).ConfigureAwait(false) is not var (map, keyBytes))
        {
            return;
        }

        using JsonDocument? body = await JsonRequest.ReadAsync(context).ConfigureAwait(false);
        if (body is null)
        {
            return;
        }

        byte[] value;
        long? ifVersion;
        TimeSpan? timeToLive;
        try
        {
            value = ValueOf(body.RootElement, context.RequestServices.GetRequiredService<HostConfiguration>().Schemas);
            ifVersion = JsonRequest.Number(body.RootElement, "ifVersion", 0, long.MaxValue);
            timeToLive = JsonRequest.Number(body.RootElement, "timeToLiveSeconds", 1, MaxSeconds) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : null;
        }
        catch (ArgumentException invalid)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, invalid.Message).ConfigureAwait(false);
            return;
        }

        await ChangeAsync(context, view, map, () => ifVersion is { } expected
            ? (map.CompareExchange(keyBytes, expected, value, out long now, timeToLive), now)
            : (true, map.Put(keyBytes, value, timeToLive))).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(HttpContext context, IHostView view, string name, string key)
    {
        if (await WritableAsync(context, view, name, key).ConfigureAwait(false) is not var (map, keyBytes))
        {
            return;
        }

        long? ifVersion = null;
        if (context.Request.Query["ifVersion"] is [{ } text, ..])
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long version) || version == 0)
            {
                await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "ifVersion must be a whole number, 1 or more.")
                    .ConfigureAwait(false);
                return;
            }

            ifVersion = version;
        }

        await ChangeAsync(context, view, map, () => map.Remove(keyBytes, ifVersion) ? (true, 0) : (false, map.Find(keyBytes).Version))
            .ConfigureAwait(false);
    }

    /// <summary>Finds the map and the key of a change. Refuses the request and returns null if the caller may not make it.</summary>
    private static async Task<(KeyValueMap Map, byte[] Key)?> WritableAsync(HttpContext context, IHostView view, string name, string key)
    {
        Identity identity = RoleMiddleware.IdentityOf(context)!;
        string? excluded = QueueAccess.WhyNotChange(identity, name);
        if ((excluded is not null && !view.Access.MayReadMap(identity, name)) || view.Map(name) is not { } map)
        {
            await MapEndpoint.UnknownAsync(context).ConfigureAwait(false);
            return null;
        }

        byte[] keyBytes = Encoding.UTF8.GetBytes(MapEndpoint.KeyOf(context, key));
        (int status, string? refusal) = excluded is not null
            ? (StatusCodes.Status403Forbidden, excluded)
            : map.Writable is null ? (StatusCodes.Status403Forbidden, map.Traits.WhyReadOnly)
            : keyBytes.Length > ByteMap.MaxKeyBytes
                ? (StatusCodes.Status400BadRequest, $"The key has {keyBytes.Length} bytes; the maximum is {ByteMap.MaxKeyBytes}.")
            : (StatusCodes.Status200OK, (string?)null);
        if (refusal is not null)
        {
            await Answer.ErrorAsync(context, status, refusal).ConfigureAwait(false);
            return null;
        }

        return (map.Writable!, keyBytes);
    }

    private static async Task ChangeAsync(
        HttpContext context, IHostView view, KeyValueMap map, Func<(bool IsDone, long Version)> change)
    {
        try
        {
            ((bool isDone, long version), long changes) = view.Change(() => (change(), map.Changes));
            if (!isDone && version == 0 && HttpMethods.IsDelete(context.Request.Method))
            {
                await Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "The map has no entry with this key.")
                    .ConfigureAwait(false);
                return;
            }

            if (!isDone)
            {
                context.Response.StatusCode = StatusCodes.Status409Conflict;
                await JsonBody.SendAsync(context, new VersionConflict(
                    $"The entry has version {version}. Read the entry, and send the change with this version.", version),
                    ApiJson.Default.VersionConflict).ConfigureAwait(false);
                return;
            }

            string? unconfirmed = await ConfirmAsync(late => map.WaitAcknowledgedAsync(changes, late), s_confirmLimit,
                context.RequestAborted).ConfigureAwait(false);
            if (unconfirmed is not null)
            {
                AuditTrail.Describe(context, unconfirmed);
                await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, unconfirmed).ConfigureAwait(false);
                return;
            }

            await JsonBody.SendAsync(context, new MapChangeAnswer(version), ApiJson.Default.MapChangeAnswer).ConfigureAwait(false);
        }
        catch (RemoteRefusalException refusal)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status409Conflict, refusal.Message).ConfigureAwait(false);
        }
        catch (EstreamException failure)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, failure.Message).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "The host is stopping.").ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a flush and the brokers confirm a change that the host has made.</summary>
    /// <returns>Why the change is not confirmed; null if it is.</returns>
    /// <exception cref="OperationCanceledException">The client has disconnected.</exception>
    public static async Task<string?> ConfirmAsync(Func<CancellationToken, ValueTask> wait, TimeSpan limit, CancellationToken aborted)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        late.CancelAfter(limit);
        string reason;
        try
        {
            // A flush cannot be cancelled.
            await wait(late.Token).AsTask().WaitAsync(late.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            reason = $"the brokers and the disk did not confirm the change within {limit.TotalSeconds} seconds.";
        }
        catch (Exception failure) when (failure is EstreamException or (InvalidOperationException and not ObjectDisposedException))
        {
            reason = failure.Message;
        }

        return $"The change was made here, but may not survive a failure of this machine: {reason} "
            + "Do not send the change again; read the entry.";
    }

    private static byte[] ValueOf(JsonElement body, EsfSchemaSet schemas)
    {
        string? text = JsonRequest.Text(body, "text");
        string? hex = JsonRequest.Text(body, "bytes");
        bool hasMessage = body.TryGetProperty("message", out JsonElement message);
        if ((text is null ? 0 : 1) + (hex is null ? 0 : 1) + (hasMessage ? 1 : 0) != 1)
        {
            throw new ArgumentException("The body must have exactly one of the members text, bytes and message.");
        }

        byte[] value;
        try
        {
            value = text is not null ? Encoding.UTF8.GetBytes(text)
                : hex is not null ? Convert.FromHexString(hex)
                : MessageEncoder.Encode(schemas, JsonRequest.Text(body, "schema") ?? "", message, VersionedByteMap.MaxValueBytes);
        }
        catch (FormatException)
        {
            throw new ArgumentException("bytes must be hexadecimal.");
        }

        return value.Length <= VersionedByteMap.MaxValueBytes
            ? value
            : throw new ArgumentException($"The value has {value.Length} bytes; the maximum is {VersionedByteMap.MaxValueBytes}.");
    }
}

/// <summary>The version of a changed entry; 0 if it was removed.</summary>
internal sealed record MapChangeAnswer(long Version);

/// <summary>A refused change of an entry that has another version.</summary>
internal sealed record VersionConflict(string Error, long Version);
