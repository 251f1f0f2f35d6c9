using Estream.Wire.Compliance.Internal;

namespace Estream.Wire.Compliance;

/// <summary>One promise of the adapter contract, and how it is tried. Immutable and thread-safe.</summary>
public sealed class ComplianceCheck
{
    /// <summary>No check takes longer, whatever the adapter does.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly Func<ComplianceRig, Task> _body;

    internal ComplianceCheck(string id, string title, ComplianceTraits needs, Func<ComplianceRig, Task> body)
    {
        Id = id;
        Title = title;
        Needs = needs;
        _body = body;
    }

    /// <summary>A letter for the part of the contract and a number: L1.</summary>
    public string Id { get; }

    /// <summary>The promise in a sentence.</summary>
    public string Title { get; }

    /// <summary>What an adapter has to be for the check to apply.</summary>
    public ComplianceTraits Needs { get; }

    /// <summary>Whether the check applies to an adapter of these traits.</summary>
    public bool AppliesTo(ComplianceTraits traits)
    {
        return (traits & Needs) == Needs;
    }

    /// <summary>Tries it, with queues, a peer and an adapter of its own.</summary>
    /// <param name="subject">The adapter.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ComplianceException">The adapter does not keep the promise; the message says what was seen.</exception>
    /// <exception cref="InvalidOperationException">The check does not apply to the adapter.</exception>
    public async Task RunAsync(IComplianceSubject subject, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (WhyNot(subject) is { } reason)
        {
            throw new InvalidOperationException($"Check {Id} does not apply to the adapter: {reason}.");
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_limit);
        try
        {
            ComplianceRig rig = new(subject, limit.Token);
            await using (rig.ConfigureAwait(false))
            {
                // On a thread of its own: an adapter that blocks where it should wait must not block the suite.
                await Task.Run(() => _body(rig), CancellationToken.None).WaitAsync(limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ComplianceException($"{Id}, {Title}: it did not come to an end within {s_limit.TotalMinutes:0} minutes.");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new ComplianceException($"{Id}, {Title}: {failure.Message}", failure);
        }
    }

    /// <summary>Why the check does not apply to an adapter; null where it does.</summary>
    internal string? WhyNot(IComplianceSubject subject)
    {
        return !AppliesTo(subject.Traits) ? $"needs {Needs}"
            : subject.NotApplicable.TryGetValue(Id, out string? reason) ? reason
            : null;
    }

    /// <summary>Id and title.</summary>
    public override string ToString()
    {
        return $"{Id}: {Title}";
    }
}

/// <summary>An adapter does not keep what a check asks for.</summary>
public sealed class ComplianceException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is promised, and what was seen instead.</param>
    /// <param name="innerException">What the adapter threw, where it did.</param>
    public ComplianceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
