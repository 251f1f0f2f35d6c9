using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Hashing;
using Estream.Marketplace.Tests.Trust.Log;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using static Estream.Marketplace.Tests.Trust.Namespaces.Owners;

namespace Estream.Marketplace.Tests.Trust.Namespaces;

/// <summary>Which entries are valid in the log of a registry.</summary>
public sealed class NamespaceMapTests
{
    private readonly DocumentSigner _one = Signer(1), _two = Signer(2), _three = Signer(3), _stranger = Signer(9);
    private readonly NamespaceMap _map = new();

    [Fact]
    public void Namespace_belongs_to_the_first_record_signed_by_its_own_keys()
    {
        Assert.Equal(LogEntryFault.UnknownNamespace, _map.Apply(Signed(Publish("1.0.0"), _one)));
        Assert.Equal(LogEntryFault.NewOwnersMissing, _map.Apply(Signed(RecordOf(1, 2, _one, _two), _one)));
        Assert.Equal(LogEntryFault.NewOwnersMissing, _map.Apply(Signed(RecordOf(1, 2, _one, _two), _one, _stranger)));
        Assert.Equal(LogEntryFault.UnknownNamespace, _map.Apply(Signed(RecordOf(2, 1, _one), _one)));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(RecordOf(1, 2, _one, _two), _one, _two)));
        Assert.Equal(LogEntryFault.NamespaceTaken, _map.Apply(Signed(RecordOf(1, 1, _stranger), _stranger)));
        Assert.Equal((6, 1), (_map.Size, _map.Count));
        Assert.Equal(4, Assert.Single(_map.Find(Acme)!.Records).Index);
    }

    [Fact]
    public void Rotation_needs_the_thresholds_of_old_and_new_keys()
    {
        _map.Apply(Signed(RecordOf(1, 2, _one, _two, _three), _one, _two));
        DocumentSigner four = Signer(4), five = Signer(5);
        NamespaceRecord next = RecordOf(2, 2, four, five);
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(next, four, five)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(next, _one, four, five)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(next, _one, _stranger, four, five)));
        Assert.Equal(LogEntryFault.NewOwnersMissing, _map.Apply(Signed(next, _one, _two)));
        Assert.Equal(LogEntryFault.NewOwnersMissing, _map.Apply(Signed(next, _one, _two, four)));
        Assert.Equal(LogEntryFault.WrongSerial, _map.Apply(Signed(RecordOf(3, 2, four, five), _one, _two, four, five)));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(next, _one, _three, four, five)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(Publish("1.0.0"), _one, _two)));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(Publish("1.0.0"), four, five)));
    }

    [Fact]
    public void Key_revoked_at_log_index_n_rejects_later_entries()
    {
        _map.Apply(Signed(RecordOf(1, 1, _one, _two), _one));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(Publish("1.0.0"), _two)));
        Assert.Equal(LogEntryFault.FutureIndex, _map.Apply(Signed(new KeyRevocation(Acme, _two.Key.Id, 3, "Stolen."), _one)));
        Assert.Equal(LogEntryFault.UnknownKey, _map.Apply(Signed(new KeyRevocation(Acme, _stranger.Key.Id, 0, "Stolen."), _one)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(new KeyRevocation(Acme, _two.Key.Id, 2, "Stolen."), _stranger)));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(new KeyRevocation(Acme, _two.Key.Id, 2, "Stolen."), _one)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(Publish("1.1.0"), _two)));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(Publish("1.1.0"), _one)));

        // Entries before the index of the revocation stay valid.
        NamespaceState state = _map.Find(Acme)!;
        Assert.True(state.Counts(_two.Key.Id, 1));
        Assert.False(state.Counts(_two.Key.Id, 2));
        Assert.True(state.Counts(_one.Key.Id, 100));
    }

    [Fact]
    public void Version_can_be_published_only_once()
    {
        _map.Apply(Signed(RecordOf(1, 1, _one), _one));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(Publish("1.0.0"), _one)));
        Assert.Equal(LogEntryFault.DuplicateVersion, _map.Apply(Signed(Publish("1.0.0", OtherRoot), _one)));
        Assert.Equal(LogEntryFault.DuplicateVersion, _map.Apply(Signed(Publish("1.0.0"), _one)));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(Publish("0.9.1"), _one)));
        Assert.Equal(1, _map.FindVersion(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.0")));
        Assert.Equal(-1, _map.FindVersion(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.1")));
    }

    [Fact]
    public void Only_owners_can_yank_or_deprecate_and_only_published_versions()
    {
        _map.Apply(Signed(RecordOf(1, 1, _one), _one));
        _map.Apply(Signed(Publish("1.0.0"), _one));
        DeprecationEntry deprecation = new(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.0"), isDeprecated: true, "Use 2.");
        Assert.Equal(LogEntryFault.UnknownVersion, _map.Apply(Signed(Yank("1.0.1"), _one)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(Yank("1.0.0"), _stranger)));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(Yank("1.0.0"), _one)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(deprecation, _stranger)));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(deprecation, _one)));
    }

    [Fact]
    public void Publish_needs_the_threshold_of_owner_signatures()
    {
        // The log has no tokens and no accounts: an entry is accepted only with as many owner signatures as the threshold of the namespace.
        _map.Apply(Signed(RecordOf(1, 2, _one, _two), _one, _two));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(Publish("1.0.0"), _stranger)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(Publish("1.0.0"), _one)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(Publish("1.0.0"), _one, _stranger)));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(Publish("1.0.0"), _one, _two)));
    }

    [Fact]
    public void Deleted_name_never_reusable()
    {
        _map.Apply(Signed(RecordOf(1, 1, _one), _one));
        _map.Apply(Signed(Publish("1.0.0"), _one));
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(Yank("1.0.0"), _one)));

        // The owner cannot publish a yanked version again with other files, and others cannot take the namespace.
        Assert.Equal(LogEntryFault.DuplicateVersion, _map.Apply(Signed(Publish("1.0.0", OtherRoot), _one)));
        Assert.Equal(LogEntryFault.NamespaceTaken, _map.Apply(Signed(RecordOf(1, 1, _stranger), _stranger)));
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Signed(Publish("1.0.1"), _stranger)));
    }

    [Fact]
    public void Signature_of_another_document_type_or_entry_does_not_count()
    {
        _map.Apply(Signed(RecordOf(1, 1, _one), _one));
        DsseEnvelope asRelease = DsseEnvelope.Sign(DocumentType.Release, Publish("1.0.0").ToPayload(), _one);
        Assert.Equal(LogEntryFault.Malformed, _map.Apply(asRelease.ToJson()));

        // Relabels the release signature with the payload type of log entries.
        string moved = Encoding.UTF8.GetString(asRelease.ToJson())
            .Replace(DocumentType.Release.PayloadType, LogEntry.DocumentType.PayloadType, StringComparison.Ordinal);
        Assert.Equal(LogEntryFault.OwnersMissing, _map.Apply(Encoding.UTF8.GetBytes(moved)));
    }

    [Fact]
    public void Map_proves_every_state_and_its_root_matches_the_definition()
    {
        List<byte[]> states = [];
        for (int number = 0; number < 11; number++)
        {
            NamespaceName name = NamespaceName.Of(ComponentName.Parse($"@n{number:00}/x"));
            Assert.Equal(LogEntryFault.None,
                _map.Apply(Signed(new NamespaceRecord(name, 1, [_one.Key], 1, DateTimeOffset.UnixEpoch), _one)));
            states.Add(ReferenceTree.Leaf(_map.Find(name)!.Encode()));
        }

        byte[] root = _map.ComputeRoot();
        Assert.Equal(ReferenceTree.Root([.. states]), root);
        foreach (int number in Enumerable.Range(0, 11))
        {
            NamespaceProof proof = _map.Prove(NamespaceName.Of(ComponentName.Parse($"@n{number:00}/x")))!;
            Assert.True(NamespaceProof.TryRead(proof.Encode(), out NamespaceProof? read, out string? reason), reason);
            Assert.True(read.Verify(root));
            byte[] other = [.. root];
            other[3] ^= 8;
            Assert.False(read.Verify(other));
        }

        Assert.Null(_map.Prove(Acme));
        Assert.Equal(Rfc9162.HashBytes, root.Length);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.estream.log-entry.v1+json\",\"signatures\":[]}")]
    public void Invalid_log_entry_is_rejected_with_its_reason(string text)
    {
        Assert.Equal(LogEntryFault.Malformed, _map.Apply(Encoding.UTF8.GetBytes(text), out string reason));
        Assert.NotEmpty(reason);
        Assert.Equal(1, _map.Size);
    }

    [Fact]
    public void Log_entries_round_trip_and_non_canonical_forms_are_rejected()
    {
        LogEntry[] entries =
        [
            RecordOf(1, 2, _one, _two), new KeyRevocation(Acme, _one.Key.Id, 7, "Lost."), Publish("1.0.0-rc.1+b7"), Yank("1.0.0"),
            new DeprecationEntry(ComponentName.Parse("card"), SemanticVersion.Parse("1.0.0"), isDeprecated: false, "It is good again."),
        ];
        foreach (LogEntry entry in entries)
        {
            Assert.True(LogEntry.TryRead(Signed(entry, _one), out _, out LogEntry? read, out string? reason), reason);
            Assert.Equal(entry.GetType(), read.GetType());
            Assert.Equal(entry.ToPayload(), read.ToPayload());
            string text = Encoding.UTF8.GetString(entry.ToPayload());
            foreach (string other in new[] { text + " ", text.Replace("{\"", "{ \"", StringComparison.Ordinal),
                text.Replace("\"type\":", "\"more\":1,\"type\":", StringComparison.Ordinal) })
            {
                DsseEnvelope envelope = DsseEnvelope.Sign(LogEntry.DocumentType, Encoding.UTF8.GetBytes(other), _one);
                Assert.False(LogEntry.TryRead(envelope.ToJson(), out _, out _, out _), other);
            }
        }

        Assert.Equal(NamespaceName.Project, NamespaceName.Of(ComponentName.Parse("card")));
        Assert.False(NamespaceName.TryParse("@Acme", out _));
        Assert.False(NamespaceName.TryParse("acme", out _));
    }

    [Fact]
    public void Largest_rotation_fits_in_a_log_entry()
    {
        DocumentSigner[] old = [.. Enumerable.Range(20, 5).Select(seed => Signer((byte)seed))],
        fresh = [.. Enumerable.Range(30, 5).Select(seed => Signer((byte)seed))];
        Assert.Equal(LogEntryFault.None, _map.Apply(Signed(RecordOf(1, 3, old), old[..3])));
        byte[] rotation = Signed(RecordOf(2, 3, fresh), [.. old[2..], .. fresh[..3]]);
        Assert.InRange(rotation.Length, 50_000, Estream.Marketplace.Trust.Log.EntryBundle.MaxEntryBytes);
        Assert.Equal(LogEntryFault.None, _map.Apply(rotation));
        Assert.Throws<ArgumentException>(() => RecordOf(1, 1, [.. old, fresh[0]]));
        Assert.Throws<ArgumentException>(() => RecordOf(1, 4, old));
        Assert.Throws<ArgumentException>(() => RecordOf(1, 1, old[0], old[0]));
    }
}
