using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>The rules of the queues that accept signed messages only. Their files are read again when they change. Thread-safe, except for
/// <see cref="Look"/>.</summary>
internal sealed partial class SignatureRules
{
    /// <summary>The setting of a queue that names the file of trusted keys.</summary>
    public const string Setting = "RequireSignature";

    private readonly PartTable<SignatureRule> _rules = new();
    private readonly ILogger _logger;
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);

    /// <summary>Reads the trusted keys of all queues of a configuration.</summary>
    /// <exception cref="WireConfigurationException">A file cannot be read or is invalid.</exception>
    /// <exception cref="ArgumentException">A rule names a queue that adapters and clients do not write.</exception>
    public SignatureRules(HostConfiguration plan, ILogger logger)
    {
        _logger = logger;
        foreach (string queue in plan.SignedQueues.Keys)
        {
            Add(plan, queue);
        }
    }

    /// <summary>Reads the trusted keys of a queue; does nothing if the queue accepts unsigned messages.</summary>
    /// <inheritdoc cref="SignatureRules(HostConfiguration, ILogger)" path="/exception"/>
    public void Add(HostConfiguration plan, string queue)
    {
        if (!plan.SignedQueues.TryGetValue(queue, out string? file))
        {
            return;
        }

        if (plan.WhyNotSigned(queue) is { } reason)
        {
            throw new ArgumentException($"Queue {queue} cannot require signatures, because {reason}");
        }

        _rules.Add(queue, new SignatureRule(file, $"Estream:Queues:{queue}:{Setting}"));
    }

    /// <summary>Removes the rule of a queue that was removed.</summary>
    public void Remove(string queue) => _rules.Remove(queue);

    /// <summary>The rule of a queue; null if the queue accepts unsigned messages.</summary>
    public SignatureRule? Of(string queue) => _rules.TryGetValue(queue, out SignatureRule? rule) ? rule : null;

    /// <summary>Reads changed files. One thread calls this method once or twice a second.</summary>
    public void Look()
    {
        foreach ((string queue, SignatureRule rule) in _rules)
        {
            try
            {
                if (rule.Look())
                {
                    _failing.Remove(queue);
                    LogRead(_logger, queue, rule.Keys.Keys.Count);
                }
            }
            catch (WireConfigurationException refused)
            {
                if (_failing.Add(queue))
                {
                    LogRefused(_logger, queue, refused.Message);
                }
            }
        }
    }

    /// <summary>Reads all files now.</summary>
    public IReadOnlyList<ReloadedPart> Reload() => [.. _rules.Select(entry =>
    {
        try
        {
            entry.Value.Reload();
            return new ReloadedPart(entry.Key, "reloaded", "");
        }
        catch (WireConfigurationException refused)
        {
            return new ReloadedPart(entry.Key, "refused", refused.Message);
        }
    })];

    [LoggerMessage(EventId = 110, Level = LogLevel.Information, Message = "Queue {Queue} trusts {Count} keys from now on.")]
    private static partial void LogRead(ILogger logger, string queue, int count);

    [LoggerMessage(EventId = 111, Level = LogLevel.Error, Message = "Queue {Queue} continues to trust its previous keys: {Reason}")]
    private static partial void LogRefused(ILogger logger, string queue, string reason);
}
