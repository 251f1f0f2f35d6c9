using Estream.Wire.Fhir.Rest;

namespace Estream.Wire.Fhir.Http;

/// <summary>Answers requests when it is their turn. Limits the answers in memory, and runs long searches and writes on few threads, so that
/// no client takes the threads of the host. One token has a quarter of the slots, and one long search. Thread-safe.</summary>
/// <param name="handler">Answers requests.</param>
/// <param name="patience">How long a request waits for a slot.</param>
internal sealed class RequestTurns(FhirHandler handler, TimeSpan patience) : IDisposable
{
    private const int Answers = 16;
    private const int Writes = 64;
    private const int Share = 4;

    // Searches that wait for a thread hold answer slots, so searches get half of the answer slots.
    private const int Scans = Answers / 2;

    private const int Threads = 2;

    private readonly RequestSlots _answers = new(Answers, Answers / Share, patience);
    private readonly RequestSlots _scans = new(Scans, 1, patience);
    private readonly RequestSlots _writes = new(Writes, Writes / Share, patience);
    private readonly RequestThreads _scanning = new("fhir scan", Threads, ThreadPriority.BelowNormal);
    private readonly RequestThreads _writing = new("fhir write", Threads, ThreadPriority.Normal);

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="hold">Gets the slot of the answer until the answer is sent.</param>
    /// <param name="cancellation">Ends the wait for a slot.</param>
    public async Task<FhirResponse> RunAsync(FhirRequest request, AnswerHold hold, CancellationToken cancellation)
    {
        string token = request.Principal.Name;
        RequestKind kind = handler.KindOf(request);

        // A search takes a search slot first, so that searches that wait for a search slot hold no answer slot.
        (IDisposable? turn, int status) = kind switch
        {
            RequestKind.Scan => await _scans.TakeAsync(token, cancellation).ConfigureAwait(false),
            RequestKind.Write => await _writes.TakeAsync(token, cancellation).ConfigureAwait(false),
            _ => (null, 200),
        };
        using (turn)
        {
            if (kind != RequestKind.Write && status == 200)
            {
                (hold.Answer, status) = await _answers.TakeAsync(token, cancellation).ConfigureAwait(false);
            }

            return status != 200 ? TooBusy(status)
                : kind == RequestKind.Read ? handler.Handle(request)
                : await (kind == RequestKind.Scan ? _scanning : _writing).RunAsync(() => handler.Handle(request)).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _scanning.Dispose();
        _writing.Dispose();
        _answers.Dispose();
        _scans.Dispose();
        _writes.Dispose();
    }

    private static FhirResponse TooBusy(int status) => Outcome.Fail(status, "throttled", status == 429
        ? "Other requests of the token are in progress. Send fewer at once." : "The server is busy. Try again later.");
}

/// <summary>The slot of an answer until it is sent. Not thread-safe.</summary>
internal sealed class AnswerHold : IDisposable
{
    public IDisposable? Answer { get; set; }

    public void Dispose() => Answer?.Dispose();
}
