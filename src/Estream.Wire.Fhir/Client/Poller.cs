using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Estream.Core;
using Estream.Fhir;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Client;

/// <summary>
/// Polls searches by <c>_lastUpdated</c>, and stores each new version once its page is read. A position is recorded when all pages of a
/// search are read and durable, so that after a crash or a failure resources are stored again (at least once). One thread at a time.
/// </summary>
internal sealed class Poller(
    FhirRestClient client, IngressWriter writer, PollState state, IReadOnlyList<FhirMapping> mappings, IClock clock) : IDisposable
{
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(200);

    private long _received;

    /// <summary>The maximum number of pages of a poll.</summary>
    public int MaxPages { get; init; } = 10_000;

    /// <summary>The number of stored resources.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Polls a search once.</summary>
    /// <exception cref="WireConnectionException">The server does not answer, not with a Bundle, or with too many pages.</exception>
    /// <exception cref="ArgumentException">The next page is not at the server.</exception>
    public async Task PollAsync(string search, CancellationToken cancellation)
    {
        PollPosition position = state.Of(search);
        string since = position.Since.Length == 0 ? "" : $"{(search.Contains('?', StringComparison.Ordinal) ? '&' : '?')}_lastUpdated=ge"
            + Uri.EscapeDataString(position.Since);
        PollPass? pass = null;
        string? next = search + since;
        for (int page = 0; page < MaxPages && next is not null; page++)
        {
            FhirRestResponse response = await client.SendAsync(HttpMethod.Get, next, cancellation: cancellation).ConfigureAwait(false);
            pass ??= new PollPass(position, response.Date is { } date ? date.ToUnixTimeMilliseconds() * 1_000_000 : clock.UtcNanos);
            using JsonDocument bundle = Read(response);
            foreach (JsonElement entry in bundle.RootElement.Member("entry").Items())
            {
                JsonElement resource = entry.Member("resource");
                string key = KeyOf(resource);
                if (entry.Member("search").Text("mode") is "" or "match" && !position.Seen.Contains(key))
                {
                    await StoreAsync(resource, cancellation).ConfigureAwait(false);
                }

                pass.Add(key, resource);
            }

            next = bundle.RootElement.Member("link").Items()
                .Where(link => link.Text("relation") == "next").Select(link => link.Text("url")).FirstOrDefault();
        }

        await writer.WaitDurableAsync(cancellation).ConfigureAwait(false);
        if (next is not null)
        {
            throw new WireConnectionException(
                $"{client.BaseUrl.Host}:{client.BaseUrl.Port} answered a search with more than {MaxPages} pages, so its position does not "
                + "advance. Narrow the search, or let the server return more resources in a page (_count).", isTransient: true);
        }

        if (pass!.End() is { } reached && reached != position)
        {
            state.Set(search, reached);
        }
    }

    public void Dispose() => writer.Dispose();

    private JsonDocument Read(FhirRestResponse response)
    {
        JsonDocument? json = response.IsSuccess && Utf8.IsValid(response.Body.Span) ? ResourceStore.TryParse(response.Body) : null;
        return json?.RootElement.Text("resourceType") == "Bundle" ? json
            : throw new WireConnectionException(
                $"{client.BaseUrl.Host}:{client.BaseUrl.Port} answered a search with status {response.Status} and no Bundle. Check the "
                + "search and the token.", isTransient: true);
    }

    private static string KeyOf(JsonElement resource) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{resource.Text("resourceType")}/{resource.Text("id")}/{resource.Member("meta").Text("versionId")}"))[..16]);

    private async Task StoreAsync(JsonElement resource, CancellationToken cancellation)
    {
        string type = resource.Text("resourceType");
        byte[] text = ResourceBuilder.TextOf(resource);
        foreach (FhirMapping mapping in mappings)
        {
            bool isLog = mapping.Schema.Name == FhirSchemas.Commit;
            if (!isLog && mapping.Schema.Name != "Fhir" + type)
            {
                continue;
            }

            byte[] topic = isLog ? "commit"u8.ToArray() : ProjectionPump.TopicOf(type);
            byte[] payload = isLog ? CommitOf(resource, type, text) : text;
            while (payload.Length > 0 && !TryAppend(topic, payload))
            {
                await Task.Delay(s_retryInterval, cancellation).ConfigureAwait(false);
            }
        }

        Interlocked.Increment(ref _received);
    }

    private bool TryAppend(byte[] topic, byte[] payload)
    {
        try
        {
            return writer.Append(new WireMessage(topic, payload)) != IngressStatus.Blocked;
        }
        finally
        {
            writer.Release();
        }
    }

    /// <summary>A commit with one change.</summary>
    /// <returns>Empty if the server sent a resource without a valid type or id.</returns>
    private static byte[] CommitOf(JsonElement resource, string type, byte[] text)
    {
        string id = resource.Text("id");
        if (!FhirReference.IsType(Encoding.UTF8.GetBytes(type)) || !FhirPrimitives.IsId(Encoding.UTF8.GetBytes(id)))
        {
            return [];
        }

        JsonElement meta = resource.Member("meta");
        FhirTime.TryReadInstant(Encoding.UTF8.GetBytes(meta.Text("lastUpdated")), out long updated);
        long version = long.TryParse(meta.Text("versionId"), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number > 0 ? number : 1;
        ResourceChange[] changes = [new(type, id, version, updated, Interaction.Update, text, CommitText.NoFacts)];
        byte[] commit = new byte[CommitText.MaxLength(changes)];
        return commit[..CommitText.Write(changes, "", commit)];
    }
}
