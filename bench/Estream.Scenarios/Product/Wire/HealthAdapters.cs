using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Wire;

namespace Estream.Scenarios.Product;

/// <summary>What an adapter of health messages needs to translate: keys, a queue that stays empty, and a key of pseudonyms.</summary>
internal sealed class HealthAdapters : IDisposable
{
    public const string Queue = "data";

    private readonly EstreamQueue _queue;
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();

    public HealthAdapters(ContenderContext context, EsfSchemaSet schemas)
    {
        _queue = EstreamQueue.Open(Path.Combine(context.Directory, Queue));
        _deadLetters = EstreamQueue.Open(Path.Combine(context.Directory, "dead-letters"));
        EsfSchemaSet all = EsfSchemaSet.BuiltIn.With(schemas);
        _sinks = new IngressSinks(
            _deadLetters, all, EsfAudienceKeys.None.With("provider", _key.PublicKey).With("auditor", _key.PublicKey));
        _sinks.Add(Queue, _queue);
        Context = new AdapterContext("health", all, _sinks, SystemClock.Instance, static _ => { });
        string file = Path.Combine(context.Directory, "pseudonyms");
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (FileStream stream = new(file, options))
        {
            stream.Write("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"u8);
        }

        PseudonymKey = WireSecret.FromFile(file);
    }

    public AdapterContext Context { get; }

    public WireSecret PseudonymKey { get; }

    /// <summary>Finds a schema of the adapters.</summary>
    public EsfSchema Schema(string name) => Context.Schemas.TryGet(name, out EsfSchema? schema)
        ? schema : throw new ScenarioException($"there is no schema {name}");

    public void Dispose()
    {
        _sinks.Dispose();
        _queue.Dispose();
        _deadLetters.Dispose();
        _key.Dispose();
    }
}
