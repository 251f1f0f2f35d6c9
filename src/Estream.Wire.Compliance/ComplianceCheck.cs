using Estream.Wire.Compliance.Internal;

namespace Estream.Wire.Compliance;

/// <summary>A check of one requirement of the adapter contract. Immutable and thread-safe.</summary>
public sealed class ComplianceCheck
{
    /// <summary>The time limit of a check, whatever the adapter does.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly Func<ComplianceRig, Task> _body;

    internal ComplianceCheck(string id, string title, ComplianceTraits needs, Func<ComplianceRig, Task> body)
    {
        Id = id;
        Title = title;
        Needs = needs;
        _body = body;
    }

    /// <summary>The id, such as L1: a letter for the part of the contract, and a number.</summary>
    public string Id { get; }

    /// <summary>The requirement in one sentence.</summary>
    public string Title { get; }

    /// <summary>The traits an adapter must have for the check to apply.</summary>
    public ComplianceTraits Needs { get; }

    /// <summary>Whether the check applies to an adapter with these traits.</summary>
    public bool AppliesTo(ComplianceTraits traits)
    {
        return (traits & Needs) == Needs;
    }

    /// <summary>Runs the check with its own queues, peer and adapter.</summary>
    /// <param name="subject">The adapter.</param>
    /// <param name="cancellation">Cancels the check.</param>
    /// <exception cref="ComplianceException">The adapter does not meet the requirement; the message gives the observation.</exception>
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
                // On a pool thread, so that an adapter that blocks instead of awaiting does not block the suite.
                await Task.Run(() => _body(rig), CancellationToken.None).WaitAsync(limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ComplianceException($"{Id}, {Title}: it did not end within {s_limit.TotalMinutes:0} minutes.");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new ComplianceException($"{Id}, {Title}: {failure.Message}", failure);
        }
    }

    /// <summary>Returns why the check does not apply to an adapter; null if it applies.</summary>
    internal string? WhyNot(IComplianceSubject subject)
    {
        return !AppliesTo(subject.Traits) ? $"needs {Needs}"
            : subject.NotApplicable.TryGetValue(Id, out string? reason) ? reason
            : null;
    }

    /// <summary>The id and title.</summary>
    public override string ToString()
    {
        return $"{Id}: {Title}";
    }
}

/// <summary>Thrown when an adapter does not meet the requirement of a check.</summary>
public sealed class ComplianceException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The requirement, and what was observed instead.</param>
    /// <param name="innerException">The exception of the adapter; null if it threw none.</param>
    public ComplianceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
