using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Simulation.Machine;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Iso20022;
using Estream.Wire.Iso20022.Folders;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// The payment folder with its queue on the simulated machine. Processes are killed and the power is cut at every step of taking a file,
/// storing it and moving it. No file is in <c>done</c> whose message is missing, none is stored twice, and the order is kept.
/// </summary>
/// <remarks>
/// The folder is a real directory. At a power cut the scenario reverts the change that a real power cut may lose: the move of the last file
/// to <c>done</c>, unless the folder was flushed since. The product flushes the folder before it stores the next file.
/// </remarks>
internal sealed class PaymentIngressScenario(Simulation run) : Scenario(run)
{
    private const int SegmentBytes = 64 << 10;
    private const string Payments = "/payments";
    private const string Letters = "/dead-letters";

    private static readonly EsfSchema s_schema = DocumentSchema();

    private readonly bool _isEvery = run.Seed % 2 == 0;
    private readonly TempDirectory _directory = new();
    private EstreamQueue? _payments;
    private EstreamQueue? _letters;
    private IngressSinks? _sinks;
    private FolderWork? _work;
    private CancellationTokenSource _blocked = new();
    private int _written;

    protected override IEnumerable<Step> Steps =>
    [
        new Step("a file comes", 30, Put),
        new Step("look into the folder", 30, LookInto),
        new Step("close and open", 2, CloseAndOpen),
    ];

    private string Folder => _directory.Combine("in");

    private string Done => Path.Combine(Folder, "done");

    private string Taking => Path.Combine(Folder, "taking");

    protected override void Begin()
    {
        Directory.CreateDirectory(Folder);
        Open();
    }

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        CloseAndOpen();
        LookInto();
        Check.That(Files(Done).Count == _written, $"{_written} files came, {Files(Done).Count} are done");
        CheckQueue();
        Close();
        _directory.Dispose();
    }

    protected override void Recover(Death death)
    {
        (_work, _sinks, _payments, _letters) = (null, null, null, null);
        if (death == Death.PowerCut && Random.Chance(0.5))
        {
            LoseLastMove();
        }

        Open();
        CheckQueue();
    }

    // Moves the last file back to 'taking', unless another file was begun since, which has made the move durable.
    private void LoseLastMove()
    {
        if (Files(Taking).Count == 0 && Files(Done).LastOrDefault() is { } last && File.Exists(Path.Combine(Taking, ".progress")))
        {
            File.Move(Path.Combine(Done, last), Path.Combine(Taking, last));
            Run.Note($"  {last} is back in taking");
        }
    }

    private void Open()
    {
        QueueOptions options = new()
        {
            SegmentBytes = SegmentBytes, Storage = Process, Clock = Machine.Clock, Background = Machine.Background,
            IngressDurability = _isEvery ? Durability.Every : Durability.GroupCommit(),
        };
        _letters = EstreamQueue.Open(Letters, options);
        _payments = EstreamQueue.Open(Payments, options);
        _sinks = new IngressSinks(_letters, EsfSchemaSet.BuiltIn, clock: Machine.Clock);
        _sinks.Add("payments", _payments);
        AdapterContext context = new("bank", EsfSchemaSet.BuiltIn, _sinks, Machine.Clock, Happened);
        _work = new FolderWork(
            new Iso20022FolderOptions { Folder = Folder },
            new IngressRoutes(
                [TopicMapping.Raw(Iso20022FolderFactory.DocumentTopic, s_schema, "payments", "document")], _sinks, adapter: "bank"),
            context);
        _work.Prepare();
    }

    private void Close()
    {
        _work?.Dispose();
        _sinks?.Dispose();
        _payments?.Dispose();
        _letters?.Dispose();
        (_work, _sinks, _payments, _letters) = (null, null, null, null);
    }

    private void CloseAndOpen()
    {
        Try(Close);
        Ensure();
    }

    private bool Ensure() => _work is not null || Try(() =>
    {
        Close();
        Open();
    });

    // The product waits while the disk is full. The scenario cancels the wait and continues.
    private void Happened(AdapterEvent happened)
    {
        if (happened.Kind == AdapterEventKind.StorageBlocked)
        {
            _blocked.Cancel();
        }
    }

    private void Put()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{_written:D6}.xml");
        File.WriteAllText(Path.Combine(Folder, name), $"<Document>{_written}</Document>");
        _written++;
    }

    private void LookInto()
    {
        if (!Ensure())
        {
            return;
        }

        _blocked.Dispose();
        _blocked = new CancellationTokenSource();
        try
        {
            _work!.Look(_blocked.Token);
        }
        catch (OperationCanceledException)
        {
            // The product reports a full disk only once, so the scenario could not cancel the next wait. It reopens the queues instead.
            Run.Note("  the queue takes nothing");
            CloseAndOpen();
        }

        if (_work?.Failure is not null)
        {
            // After a failed flush the queue refuses until it is recovered; a host would be restarted for this.
            Run.Note("  not moved");
            CloseAndOpen();
        }

        CheckQueue();
    }

    private void CheckQueue()
    {
        if (!Ensure())
        {
            return;
        }

        Try(() =>
        {
            List<string> stored = [];
            using QueueTailer tailer = _payments!.CreateTailer();
            while (tailer.TryRead(out QueueMessage message))
            {
                stored.Add(DocumentOf(message.Payload));
            }

            for (int place = 0; place < stored.Count; place++)
            {
                Check.That(stored[place] == $"<Document>{place}</Document>", $"{stored[place]} stands where {place} is expected");
            }

            int done = Files(Done).Count;
            Check.That(stored.Count >= done, $"{done} files are done, {stored.Count} are stored");
            Check.That(stored.Count <= _written, $"{_written} files came, {stored.Count} are stored");
        });
    }

    private static List<string> Files(string folder) => Directory.Exists(folder)
        ? [.. Directory.GetFiles(folder, "*.xml").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : [];

    private static string DocumentOf(ReadOnlySpan<byte> payload)
    {
        string text = EsfJson.ToText(s_schema, payload);
        int start = text.IndexOf(":\"", StringComparison.Ordinal) + 2;
        return Encoding.ASCII.GetString(Convert.FromHexString(text[start..text.IndexOf('"', start)]));
    }

    private static EsfSchema DocumentSchema()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("documents.esf.yaml");
        File.WriteAllText(file, """
            version: "1.0"
            namespace: simulation
            schemas:
              Document:
                description: "A document as it came"
                lattice: simulation.document
                fields:
                  document: { type: bytes }
            """);
        return EsfSchemaSet.Load(file).TryGet("Document", out EsfSchema? schema)
            ? schema
            : throw new InvalidOperationException("The schema was not read.");
    }
}
