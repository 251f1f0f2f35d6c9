using Estream.Core;
using Estream.Wire.Iso20022.Folders;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Takes messages of ISO 20022, in XML or JSON, from a folder, and puts others into another one: each file is checked whole and then read
/// again into its queue, so that nothing of a wrong message is stored, however long it is, in the memory of a part of a statement. What is
/// stored is moved to <c>done</c>; what is wrong to <c>refused</c>, with its reason among the dead letters. After a kill a file that was
/// not moved yet is taken again, whole: its messages are there twice, with the same <c>message_id</c> and <c>part</c>.
/// What goes out is put into another folder, in XML that was checked as what comes in: each message as one file, which appears whole and,
/// whenever the process is killed, once. The parts of a statement become one file, when the last one is there.
/// </summary>
public sealed class Iso20022Folder : IWireAdapter
{
    private const string NoEgress = "this adapter is configured to send nothing: it has no Egress";

    private readonly Iso20022FolderOptions _options;
    private readonly FolderWork _work;
    private readonly FolderEgress? _egress;
    private readonly Iso20022Translator _translator;
    private readonly RawPayload _raw;
    private readonly Lock _translating = new();
    private readonly CancellationTokenSource _closing = new();
    private volatile Task _looking = Task.CompletedTask;
    private int _isDisposed;
    private volatile bool _isServing;
    private volatile bool _isStarted;

    /// <summary>Prepares an adapter; nothing is opened yet.</summary>
    /// <param name="options">What it takes from where.</param>
    /// <param name="mappings">Which messages go where: their topics are <c>pacs.008</c>, <c>pacs.002</c>, <c>camt.052</c> and
    /// <c>camt.053</c>, their payloads JSON; or one whose topic is <c>document</c> and whose payload is raw: files are stored as they came,
    /// for a circuit to read.</param>
    /// <param name="context">What the host gives.</param>
    /// <exception cref="WireConfigurationException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    /// <exception cref="Esf.EsfKeyException">An audience of private fields has no key.</exception>
    public Iso20022Folder(Iso20022FolderOptions options, IEnumerable<TopicMapping> mappings, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        if (options.PollMs is < Iso20022FolderFactory.LeastPollMs or > Iso20022FolderFactory.MostPollMs)
        {
            throw new WireConfigurationException(nameof(options.PollMs),
                $"{options.PollMs} is not accepted; write a whole number from {Iso20022FolderFactory.LeastPollMs} to "
                + $"{Iso20022FolderFactory.MostPollMs}.");
        }

        CheckOut(options);
        _options = options;
        _work = new FolderWork(options, new IngressRoutes(mappings, context.Ingress, adapter: context.Name), context);
        _translator = new Iso20022Translator(context.Schemas, options.Limits, options.Checks);
        _raw = new RawPayload(context.Clock);
        Name = context.Name;
        Schemas = new AdapterSchemas([.. _work.Routes.Mappings.Select(mapping => mapping.Schema).Distinct()],
            [.. options.Egress.Select(egress => egress.Schema)]);
        _egress = options.Egress.Count > 0 ? new FolderEgress(options, context, _work.Events) : null;
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => Iso20022FolderFactory.FolderDescriptor;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => new(0, _work.Stored + _work.Refused, _work.Refused, _work.Bytes);

    /// <inheritdoc/>
    public HealthStatus Health
    {
        get
        {
            EstreamStorageException? blocked = _work.Routes.Failure;
            return !_isServing ? HealthStatus.Unhealthy("The folder is not looked at.")
                : blocked is not null ? HealthStatus.Unhealthy($"A queue cannot be written, so no files are taken: {blocked.Message}")
                : _work.Failure is { } failure ? HealthStatus.Degraded(failure)
                : HealthStatus.Healthy($"Looking at {_options.Folder}, {_work.Stored} messages stored, {_work.Refused} refused.");
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(_options.Folder))
        {
            throw new WireConfigurationException("Folder", Missing(_options.Folder));
        }

        try
        {
            _work.Prepare();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WireConfigurationException("Folder",
                $"no folders can be made in {_options.Folder}, and files are moved there: {failure.Message}", failure);
        }

        PrepareOut();
        _isStarted = true;
        _work.Events.Report(AdapterEventKind.Started,
            $"Looking at {_options.Folder}{(_egress is null ? "" : $", writing to {_options.Out}")}.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        CancellationToken end = ending.Token;
        _isServing = true;
        using AdapterMetrics metrics = FolderMetrics.Of(Name, _work);
        try
        {
            while (!end.IsCancellationRequested)
            {
                // Off this thread: files are read, and a queue that is full is waited for.
                Task<int> looking = Task.Run(() => _work.Look(end), CancellationToken.None);
                _looking = looking;
                if (await looking.ConfigureAwait(false) == 0)
                {
                    await Task.Delay(_options.PollMs, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The host stops. A file that was not done is taken again.
        }
        finally
        {
            _isServing = false;
            _work.Events.Report(AdapterEventKind.Stopped, "The folder is not looked at any more.");
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_translating)
        {
            if (_work.Documents is not { } documents)
            {
                return _translator.ToEsf(message.Payload, destination, out _, out length);
            }

            TranslateStatus status = documents.Translate(message, [], _raw, destination, out length);
            _raw.Trim();
            return status;
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return _egress?.Translate(message, destination) ?? TranslateStatus.Unsupported(NoEgress);
    }

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_egress is not { } egress)
        {
            return ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, NoEgress));
        }

        // Off this thread: a file is flushed to its device, and a long statement is put together.
        return !_isStarted ? ValueTask.FromResult(new EmitStatus(EmitCode.NotConnected, "the adapter is not started"))
            : new ValueTask<EmitStatus>(Task.Run(() => EmitUntilClosed(egress, message, cancellation), CancellationToken.None));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        // A file that is being read ends at its next piece: its buffer must not be emptied under it, or it would be refused.
        await _closing.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _work.Dispose();
        _egress?.Dispose();
        _raw.Dispose();
        _closing.Dispose();
    }

    /// <summary>Refuses options of which one half of the way out is missing, or the other one is wrong.</summary>
    /// <exception cref="WireConfigurationException">They cannot be.</exception>
    internal static void CheckOut(Iso20022FolderOptions options)
    {
        bool sends = options.Egress.Count > 0;
        if (sends != options.Out is not null)
        {
            throw sends
                ? new WireConfigurationException("Out",
                    "is required and not set: name the folder that the messages of Egress are put into.")
                : new WireConfigurationException("Out",
                    "is set, and there is no Egress. Say which messages are put there, or leave it out.");
        }

        if (!sends)
        {
            return;
        }

        if (IncomingFolder.FoldersIn(options.Folder).Any(taken => IsSame(taken, options.Out!)))
        {
            throw new WireConfigurationException("Out", $"is {options.Out}, where messages that come in are. Name another folder.");
        }

        if (options.Egress.FirstOrDefault(egress => !MappedMessages.IsOne(egress.Schema)) is { } other)
        {
            throw new WireConfigurationException("Egress",
                $"'{other.Schema.QualifiedName}' cannot be sent; write one of: {string.Join(", ", MappedMessages.SchemaNames)}.");
        }

        if (options.Egress.DistinctBy(egress => egress.Schema.QualifiedName).Count() < options.Egress.Count)
        {
            throw new WireConfigurationException("Egress", "names a schema twice; its messages are put there once.");
        }
    }

    internal static string Missing(string folder) => $"there is no folder {folder}; make it, or name another one.";

    private EmitStatus EmitUntilClosed(FolderEgress egress, EgressMessage message, CancellationToken cancellation)
    {
        try
        {
            using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
            return egress.Emit(message, ending.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && !cancellation.IsCancellationRequested)
        {
            return new EmitStatus(EmitCode.NotConnected, "the adapter is closed");
        }
    }

    private static bool IsSame(string one, string other) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(one)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(other));

    private void PrepareOut()
    {
        if (_egress is null)
        {
            return;
        }

        if (!Directory.Exists(_options.Out))
        {
            throw new WireConfigurationException("Out", Missing(_options.Out!));
        }

        try
        {
            _egress.Prepare();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WireConfigurationException("Out",
                $"nothing can be written in {_options.Out}, and files are put there: {failure.Message}", failure);
        }

        // One folder can have two names.
        string place = Path.GetFileName(_egress.Place);
        if (IncomingFolder.FoldersIn(_options.Folder).Any(taken => Directory.Exists(Path.Combine(taken, place))))
        {
            Directory.Delete(_egress.Place);
            throw new WireConfigurationException("Out", $"is {_options.Out}, where messages that come in are. Name another folder.");
        }
    }
}
