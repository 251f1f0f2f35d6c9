using System.Net;
using System.Text.Json;
using Estream.Circuits;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Testing;
using Estream.Witness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Http;

/// <summary>Proofs over HTTP for a witnessed queue that a timer fills, and every error of a failing witness.</summary>
public sealed class WitnessEndpointTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.Generate();
    private IHost? _host;
    private HttpCase? _http;

    public async Task InitializeAsync()
    {
        CircuitReadResult read = CircuitReader.Read(
            """
            escir_version: "0.8.0"
            name: acme.beats.v1
            version: "1.0.0"
            inputs: [{ name: often, every: 10ms }]
            outputs: [{ name: beats, type: estream.system.TimerTick }]
            compute: [{ id: all, type: filter, when: has(at) }]
            flows: [often -> all -> beats]
            """,
            "beats.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        _key.Save(_directory.Combine("witness.key"));
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream().UseData(_directory.Combine("data")).AddQueue("often").AddQueue("beats").AddCircuit(read.Circuit!)
            .AddWitness("beats", _directory.Combine("witness.key"),
                new WitnessOptions { MaxMessages = 7, MaxDelay = TimeSpan.FromMilliseconds(20) });
        _host = builder.Build();
        await _host.StartAsync();
        _http = await HttpCase.StartAsync(_host.Services.GetRequiredService<IHostView>());
    }

    public async Task DisposeAsync()
    {
        await _http!.DisposeAsync();
        await _host!.StopAsync();
        _host.Dispose();
        _key.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("/api/queues/nowhere/attestations", HttpStatusCode.NotFound, "There is no queue with this name")]
    [InlineData("/api/queues/often/attestations", HttpStatusCode.NotFound, "The queue has no witness")]
    [InlineData("/api/queues/often/messages/0/proof", HttpStatusCode.NotFound, "The queue has no witness")]
    [InlineData("/api/queues/beats/attestations?last=0", HttpStatusCode.BadRequest, "last must be a whole number from 1 to 1000.")]
    [InlineData("/api/queues/beats/attestations/99999999", HttpStatusCode.NotFound,
        "There is no such attestation. /api/queues/beats/attestations lists")]
    [InlineData("/api/queues/beats/attestations/-1", HttpStatusCode.NotFound, "There is no such attestation")]
    [InlineData("/api/queues/beats/attestations/1/history", HttpStatusCode.BadRequest,
        "since must be the number of an attestation, from 0 to 1.")]
    [InlineData("/api/queues/beats/attestations/1/history?since=2", HttpStatusCode.BadRequest, "since must be the number")]
    [InlineData("/api/queues/beats/attestations/1/history?since=-1", HttpStatusCode.BadRequest, "since must be the number")]
    [InlineData("/api/queues/beats/attestations/50001/history?since=0", HttpStatusCode.BadRequest,
        "A request covers at most 50000 attestations. Prove the history in steps")]
    [InlineData("/api/queues/beats/attestations/99999999/history?since=99999998", HttpStatusCode.NotFound, "There is no such attestation")]
    [InlineData("/api/queues/beats/messages/99999999/proof", HttpStatusCode.NotFound,
        "There is no such message, or it is not attested yet")]
    [InlineData("/api/queues/beats/messages/-1/inclusion", HttpStatusCode.NotFound, "There is no such message")]
    public async Task Missing_data_and_invalid_requests_are_reported(string path, HttpStatusCode status, string expected)
    {
        (HttpStatusCode answered, string text) = await AskAsync(path);
        Assert.Equal(status, answered);
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attestations_and_proofs_verify_with_the_public_key()
    {
        JsonElement[] last = [];
        await Eventually.TrueAsync(async () =>
            (last = [.. (await JsonAsync("/api/queues/beats/attestations?last=2")).EnumerateArray()]) is { Length: 2 },
            "there are attestations");
        long number = last[1].GetProperty("number").GetInt64();
        Assert.Equal(number - 1, last[0].GetProperty("number").GetInt64());

        Assert.True(
            Attestation.TryParse(await FileAsync($"/api/queues/beats/attestations/{number}", $"beats-{number}.attestation"),
                out Attestation? attestation, out _));
        Assert.True(attestation.IsSignedBy(_key.PublicKey));
        Assert.Equal((attestation.Head.TreeSize, Convert.ToHexStringLower(attestation.Root)),
            (last[1].GetProperty("messages").GetInt64(), last[1].GetProperty("root").GetString()));
        long sequence = attestation.Head.Sequence, queue = attestation.Head.OriginId;

        Assert.True(
            MessageProof.TryParse(await FileAsync($"/api/queues/beats/messages/{sequence}/proof", $"beats-{sequence}.proof"),
                out MessageProof? proof, out _));
        Assert.True(proof.Verify(queue, _key.PublicKey));
        Assert.True(
            ConsistencyProof.TryParse(
                await FileAsync($"/api/queues/beats/attestations/{number}/history?since=0", $"beats-0-{number}.proof"),
                out ConsistencyProof? history, out _));
        Assert.True(history.Verify(queue, _key.PublicKey));

        JsonElement inclusion = await JsonAsync($"/api/queues/beats/messages/{sequence}/inclusion");
        byte[] leaf = Convert.FromHexString(inclusion.GetProperty("leaf").GetString()!), found = new byte[MerkleTree.HashBytes];
        proof.HashLeaf(found);
        Assert.Equal(found, leaf);
        byte[] path = [.. inclusion.GetProperty("path").EnumerateArray().SelectMany(hash => Convert.FromHexString(hash.GetString()!))];
        JsonElement signed = inclusion.GetProperty("attestation");
        Assert.True(MerkleProof.VerifyInclusion(
            inclusion.GetProperty("index").GetInt64(), signed.GetProperty("messages").GetInt64(), leaf, path,
            Convert.FromHexString(signed.GetProperty("root").GetString()!)));
        Assert.Equal((number, $"/api/queues/beats/messages/{sequence}/proof"),
            (signed.GetProperty("number").GetInt64(), inclusion.GetProperty("file").GetString()));
    }

    [Theory]
    [InlineData(0, "proof", HttpStatusCode.Forbidden, "may have private values in plaintext")]
    [InlineData(0, "inclusion", HttpStatusCode.NotFound, "There is no such message")]
    [InlineData(1, "proof", HttpStatusCode.Conflict, "not the one that was attested")]
    [InlineData(2, "proof", HttpStatusCode.NotFound, "There is no such message")]
    [InlineData(3, "proof", HttpStatusCode.InternalServerError, "The request failed. The log of the host contains the reason.")]
    public async Task A_witness_failure_is_reported(long sequence, string kind, HttpStatusCode status, string expected)
    {
        await using HttpCase http = await HttpCase.StartAsync(new FakeView { Witnessed = new FailingWitnessView() });
        HttpResponseMessage answer = await http.Client.GetAsync($"/api/queues/telemetry/messages/{sequence}/{kind}");
        Assert.Equal(status, answer.StatusCode);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.StartsWith("{\"error\":", text, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(string path)
    {
        HttpResponseMessage answer = await _http!.Client.GetAsync(path);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonElement> JsonAsync(string path)
    {
        using JsonDocument document = JsonDocument.Parse(await _http!.Client.GetStringAsync(path));
        return document.RootElement.Clone();
    }

    private async Task<byte[]> FileAsync(string path, string name)
    {
        HttpResponseMessage answer = await _http!.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("application/octet-stream", name),
            (answer.Content.Headers.ContentType!.ToString(), answer.Content.Headers.ContentDisposition!.FileName!.Trim('"')));
        return await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Message 0 may not be disclosed, 1 differs from the attestation, 2 was just deleted, and 3 is unreadable.</summary>
    private sealed class FailingWitnessView : IWitnessView
    {
        public AttestationOverview[] Last(int count) => [];

        public byte[] Attestation(long number) => [];

        public byte[] ProveHistory(long earlier, long later) => [];

        public byte[]? ProveMessage(long sequence) => sequence switch
        {
            0 => null,
            1 => throw new EstreamWitnessException("Message 1 is not the one that was attested.", "/data", WitnessFault.Rewritten),
            2 => throw new EstreamStorageException("Message 2 was given up.", "/data", StorageFailure.NotFound),
            _ => throw new EstreamStorageException("'/secret/path' cannot be read.", "/secret/path", StorageFailure.Device),
        };

        public InclusionOverview ProveInclusion(long sequence) => throw new ArgumentOutOfRangeException(nameof(sequence));
    }
}
