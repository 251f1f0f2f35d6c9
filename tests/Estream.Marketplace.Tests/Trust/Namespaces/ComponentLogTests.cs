using Estream.Core;
using Estream.Marketplace.Tests.Trust.Log;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using static Estream.Marketplace.Tests.Trust.Namespaces.Owners;

namespace Estream.Marketplace.Tests.Trust.Namespaces;

/// <summary>The log of a registry and its audit.</summary>
public sealed class ComponentLogTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly LogRig _rig = new();
    private readonly DocumentSigner _owner = Signer(1);

    public void Dispose()
    {
        _owner.Dispose();
        _rig.Dispose();
    }

    [Fact]
    public async Task Invalid_entry_is_not_logged_and_valid_entry_survives_a_restart()
    {
        using (ComponentLog log = await OpenAsync())
        {
            Assert.Equal(LogEntryFault.UnknownNamespace, log.Submit(Signed(Publish("1.0.0"), _owner), out long index, out string reason));
            Assert.Equal(-1, index);
            Assert.Contains("@acme", reason, StringComparison.Ordinal);
            Assert.Equal(LogEntryFault.None, log.Submit(Signed(RecordOf(1, 1, _owner), _owner), out index, out _));
            Assert.Equal(0, index);
            Assert.Equal(LogEntryFault.None, log.Submit(Signed(Publish("1.0.0"), _owner), out index, out _));
            Assert.Equal(1, index);
            log.Sign();
            log.Publish();
        }

        using ComponentLog again = await OpenAsync();
        Assert.Equal(2, again.Map.Size);
        Assert.Equal(LogEntryFault.DuplicateVersion, again.Submit(Signed(Publish("1.0.0", OtherRoot), _owner), out _, out _));
    }

    [Fact]
    public async Task Client_reads_a_namespace_record_with_its_proofs()
    {
        using ComponentLog log = await OpenAsync();
        log.Submit(Signed(RecordOf(1, 1, _owner), _owner), out _, out _);
        log.Submit(Signed(Publish("1.0.0"), _owner), out _, out _);
        log.Sign();
        log.Publish();
        LogClient client = _rig.Client;
        Checkpoint checkpoint = (await client.ReadCheckpointAsync(_rig.Policy, null, s_none)).Checkpoint!;
        NamespaceProof proof = log.Map.Prove(Acme)!;
        Assert.True(proof.Verify(log.Map.ComputeRoot()));
        LoggedEntry record = await client.ReadEntryAsync(checkpoint, proof.State.Records[0].Index, s_none);
        Assert.True(LogEntry.TryRead(record.Content.Span, out _, out LogEntry? entry, out _));
        Assert.Equal(_owner.Key, Assert.Single(Assert.IsType<NamespaceRecord>(entry).Keys));
        Assert.Equal(Convert.ToHexStringLower(ReferenceTree.Leaf(record.Content.ToArray())), proof.State.Records[0].LeafHash);
    }

    [Fact]
    public async Task Audit_finds_two_publications_of_one_version()
    {
        // Writes the entries with a plain TransparencyLog, which does not check them.
        Checkpoint checkpoint;
        using (TransparencyLog log = _rig.Open())
        {
            log.Append(Signed(RecordOf(1, 1, _owner), _owner));
            log.Append(Signed(Publish("1.0.0"), _owner));
            log.Append("no entry"u8);
            log.Append(Signed(Publish("1.0.0", OtherRoot), _owner));
            checkpoint = _rig.Policy.Verify(log.Sign().Encode()).Checkpoint!;
            log.Publish();
        }

        LogAudit audit = await LogAudit.RunAsync(_rig.Client, checkpoint, new NamespaceMap(), s_none);
        Assert.Equal([(2L, LogEntryFault.Malformed), (3L, LogEntryFault.DuplicateVersion)],
            audit.Violations.Select(one => (one.Index, one.Fault)));

        // The evidence consists of both entries, each proven under the same checkpoint.
        LoggedEntry first = await _rig.Client.ReadEntryAsync(checkpoint, 1, s_none),
        second = await _rig.Client.ReadEntryAsync(checkpoint, 3, s_none);
        Assert.NotEqual(first.Content.ToArray(), second.Content.ToArray());
        await Assert.ThrowsAsync<EstreamCorruptionException>(async () => (await OpenAsync()).Dispose());
    }

    [Fact]
    public async Task Audit_continues_from_its_map_and_computes_the_same_root()
    {
        using ComponentLog log = await OpenAsync();
        log.Submit(Signed(RecordOf(1, 1, _owner), _owner), out _, out _);
        NamespaceMap watched = new();
        await Watch(log, watched);
        log.Submit(Signed(new KeyRevocation(Acme, Signer(1).Key.Id, 1, "Lost."), _owner), out _, out _);
        LogAudit audit = await Watch(log, watched);
        Assert.Empty(audit.Violations);
        Assert.Equal(2, watched.Size);
        Assert.Equal(log.Map.ComputeRoot(), audit.NamespaceRoot.ToArray());
    }

    private async Task<LogAudit> Watch(ComponentLog log, NamespaceMap watched)
    {
        Checkpoint checkpoint = _rig.Policy.Verify(log.Sign().Encode()).Checkpoint!;
        log.Publish();
        return await LogAudit.RunAsync(_rig.Client, checkpoint, watched, s_none);
    }

    private ValueTask<ComponentLog> OpenAsync() =>
        ComponentLog.OpenAsync(new TransparencyLogOptions { Directory = _rig.Directory, Origin = LogRig.Origin, Signers = _rig.Signers },
            s_none);
}
