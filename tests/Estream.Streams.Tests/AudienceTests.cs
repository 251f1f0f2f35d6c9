using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.Tests;

/// <summary>Subscriptions for an audience yield messages for the audience and public messages, and no values of other audiences, whatever
/// keys are present.</summary>
public sealed class AudienceTests : StreamCase
{
    private readonly MlKem1024PrivateKey _owner = MlKem1024PrivateKey.Generate();
    private readonly MlKem1024PrivateKey _former = MlKem1024PrivateKey.Generate();
    private readonly MlKem1024PrivateKey _auditor = MlKem1024PrivateKey.Generate();
    private readonly EsfKeyRing _ring;
    private readonly EsfUnsealer _reader;

    public AudienceTests()
    {
        _ring = new EsfKeyRing(_owner, _former, _auditor);
        _reader = new EsfUnsealer(Finding.Schema, _ring, new EsfAudienceFilter(Finding.Schema, "auditor"));
    }

    public override void Dispose()
    {
        _reader.Dispose();
        _ring.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Unsealer_of_another_schema_throws()
    {
        using EsfUnsealer other = new(Estream.Trading.EStreamOrder.Schema, _ring);
        using QueueTailer tailer = Queue.CreateTailer();
        Assert.Equal("reader", Assert.Throws<ArgumentException>(() => new EsfTailer<Finding.View>(tailer, other)).ParamName);
        Assert.Equal("reader", Assert.Throws<ArgumentException>(() => EsfStream.From<Finding.View>(Queue, other)).ParamName);
        Assert.Throws<ArgumentNullException>(() => new EsfTailer<Finding.View>(tailer, (EsfUnsealer)null!));
    }

    [Fact]
    public async Task Tailer_reads_messages_of_its_audience_and_public_ones_and_withholds_other_values()
    {
        AppendAll(_auditor);
        using QueueTailer tailer = Queue.CreateTailer();
        EsfTailer<Finding.View> findings = new(tailer, _reader);
        List<string> seen = [];
        while (findings.TryRead(out EsfMessage<Finding.View> message))
        {
            seen.Add(Text(message.View));
        }

        string[] expected = ["1 owned absent, audited absent", "3 owned absent, audited a3", "4 owned withheld, audited a4"];
        Assert.Equal(expected, seen);
        Assert.Equal(1, findings.Passed);

        tailer.SeekToStart();
        List<string> awaited = [];
        await foreach (EsfEntry<Finding.View> entry in findings.ReadAllAsync())
        {
            awaited.Add(Text(entry.View));
            if (awaited.Count == expected.Length)
            {
                break;
            }
        }

        Assert.Equal(expected, awaited);
    }

    [Fact]
    public void Tailer_without_a_key_reads_the_same_messages_with_all_values_withheld()
    {
        AppendAll(_auditor);
        using EsfKeyRing others = new(_owner);
        using EsfUnsealer reader = new(Finding.Schema, others, new EsfAudienceFilter(Finding.Schema, "auditor"));
        Assert.Equal(["1 owned absent, audited absent", "3 owned absent, audited withheld", "4 owned withheld, audited withheld"],
            Read(reader));
    }

    [Fact]
    public void Messages_sealed_with_a_former_key_of_the_audience_are_still_read()
    {
        AppendAll(_former);
        AppendAll(_auditor);
        Assert.Equal(["1 owned absent, audited absent", "3 owned absent, audited a3", "4 owned withheld, audited a4"],
            Read(_reader).Distinct());
        using EsfKeyRing present = new(_auditor);
        using EsfUnsealer reader = new(Finding.Schema, present, new EsfAudienceFilter(Finding.Schema, "auditor"));
        Assert.Equal(
            ["3 owned absent, audited withheld", "4 owned withheld, audited withheld", "3 owned absent, audited a3",
                "4 owned withheld, audited a4"], Read(reader).Where(text => text[0] != '1'));
    }

    [Fact]
    public void Tampered_message_throws_and_the_next_one_is_read()
    {
        using (QueueAppender appender = Queue.CreateAppender())
        {
            appender.Append(Write(5, "o5", null));
            appender.Append(Tampered(Seal(_auditor, 3, null, "a3")));
            appender.Append(Seal(_auditor, 6, null, "a6"));
        }

        using QueueTailer tailer = Queue.CreateTailer();
        EsfTailer<Finding.View> findings = new(tailer, _reader);
        Assert.Contains("owned", Refused(findings), StringComparison.Ordinal);
        Assert.Contains("audited", Refused(findings), StringComparison.Ordinal);
        Assert.True(findings.TryRead(out EsfMessage<Finding.View> next));
        Assert.Equal("6 owned absent, audited a6", Text(next.View));
    }

    [Fact]
    public void Pipeline_processes_what_its_unsealer_reads()
    {
        AppendAll(_auditor);
        using StateMap<ulong, long> lengths = StateMap.CreateInMemory<ulong, long>();
        using EsfPipeline pipeline = EsfStream.From<Finding.View>(Queue, _reader).Materialize(
            "lengths", lengths, (scoped in Finding.View finding) => finding.Number,
            (scoped in Finding.View finding) => finding.Audited.TryGet(out ReadOnlySpan<byte> text) ? text.Length : finding.Owned.IsWithheld
                ? -1
                : 0);
        Assert.Equal(4, pipeline.RunToEnd());
        Assert.Equal([(1UL, 0L), (3, 2), (4, 2)], lengths.Select(entry => (entry.Key, entry.Value)).Order().ToArray());
    }

    [Fact]
    public void Audiences_apply_to_approved_items_and_transaction_messages()
    {
        AppendAll(_auditor);
        using EstreamQueue approved = Open("approved");
        using (EsfApprover<Finding.View> approver = new(Queue, approved, "a"))
        {
            while (approver.TryRead(out EsfMessage<Finding.View> proposal))
            {
                approver.Approve(proposal.Position);
            }
        }

        using QueueTailer visitor = approved.CreateTailer();
        EsfModeratedTailer<Finding.View> items = new(visitor, _reader);
        List<string> seen = [];
        while (items.TryRead(out EsfModerated<Finding.View> item))
        {
            seen.Add(Text(item.View));
        }

        Assert.Equal(["1 owned absent, audited absent", "3 owned absent, audited a3", "4 owned withheld, audited a4"], seen);

        using EstreamQueue log = Open("log");
        using EstreamQueue left = Open("left");
        using (EsfTransactions transactions = new(log))
        using (QueueAppender appender = left.CreateAppender())
        using (EsfTransaction transaction = transactions.Begin())
        {
            transaction.Append(appender, Seal(_auditor, 2, "o2", null));
            transaction.Append(appender, Seal(_auditor, 3, null, "a3"));
            transaction.Commit();
        }

        using QueueTailer parts = left.CreateTailer();
        using EsfTransactionalTailer<Finding.View> committed = new(parts, log, _reader);
        Assert.True(committed.TryRead(out EsfMessage<Finding.View> only));
        Assert.Equal("3 owned absent, audited a3", Text(only.View));
        Assert.False(committed.TryRead(out _));
    }

    private static string Refused(EsfTailer<Finding.View> findings)
    {
        try
        {
            findings.TryRead(out _);
            return "";
        }
        catch (EstreamFormatException refused)
        {
            return refused.Message;
        }
    }

    // The ciphertext of the only sealed value follows the fixed block and the number of the value.
    private static byte[] Tampered(byte[] message)
    {
        EsfMessageHeader.TryRead(message, out EsfMessageHeader header);
        message[header.FixedLength + 5] ^= 1;
        return message;
    }

    private static string Text(Finding.View view) => $"{view.Number} owned {Text(view.Owned)}, audited {Text(view.Audited)}";

    private static string Text(EsfPrivate<ReadOnlySpan<byte>> field) => field.TryGet(out ReadOnlySpan<byte> value)
        ? Encoding.UTF8.GetString(value)
        : field.IsWithheld ? "withheld" : "absent";

    private List<string> Read(EsfUnsealer reader)
    {
        using QueueTailer tailer = Queue.CreateTailer();
        EsfTailer<Finding.View> findings = new(tailer, reader);
        List<string> seen = [];
        while (findings.TryRead(out EsfMessage<Finding.View> message))
        {
            seen.Add(Text(message.View));
        }

        return seen;
    }

    private void AppendAll(MlKem1024PrivateKey auditor)
    {
        using QueueAppender appender = Queue.CreateAppender();
        appender.Append(Seal(auditor, 1, null, null));
        appender.Append(Seal(auditor, 2, "o2", null));
        appender.Append(Seal(auditor, 3, null, "a3"));
        appender.Append(Seal(auditor, 4, "o4", "a4"));
    }

    private byte[] Seal(MlKem1024PrivateKey auditor, ulong number, string? owned, string? audited)
    {
        using EsfSealer sealer =
            new(Finding.Schema, EsfAudienceKeys.None.With("owner", _owner.PublicKey).With("auditor", auditor.PublicKey));
        byte[] message = Write(number, owned, audited);
        byte[] destination = new byte[sealer.MaxSealedLength(message.Length)];
        EsfStatus status = sealer.Seal(message, destination, out int written);
        Assert.True(status.IsOk, status.ToString());
        return destination[..written];
    }

    private static byte[] Write(ulong number, string? owned, string? audited)
    {
        byte[] buffer = new byte[300];
        Finding.Writer writer = Finding.Write(buffer);
        writer.Number = number;
        if (owned is not null)
        {
            writer.Owned = Encoding.UTF8.GetBytes(owned);
        }

        if (audited is not null)
        {
            writer.Audited = Encoding.UTF8.GetBytes(audited);
        }

        return buffer[..writer.Length];
    }
}
