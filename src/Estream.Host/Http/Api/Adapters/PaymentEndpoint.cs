using Estream.Crypto;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary><c>GET /api/adapters/{name}/payments</c> returns the payments of an adapter that wait for their answer, the oldest
/// first.</summary>
internal static class PaymentEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    public static void MapPayments(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/adapters/{name}/payments", ListAsync).For(AccessRole.Viewer);

    private static Task ListAsync(HttpContext context, IHostView view, string name)
    {
        if (!QueryNumber.TryRead(context, "limit", DefaultLimit, MaxLimit, out int limit))
        {
            return QueryNumber.RefuseAsync(context, "limit", MaxLimit);
        }

        return view.WaitingPayments(name, limit) is { } payments
            ? JsonBody.SendAsync(context, [.. payments.Select(PaymentOverview.Of)], ApiJson.Default.PaymentOverviewArray)
            : Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
                "There is no adapter with this name that sends payments. /api/overview lists all adapters.");
    }
}

/// <summary>A payment that waits for its answer. Times are in milliseconds since 1970-01-01 UTC.</summary>
internal sealed record PaymentOverview(
    string MessageId, int Index, string? EndToEndId, bool IsReceived, string? Status, long RecordedAt, long DeadlineAt)
{
    private const long NanosPerMilli = 1_000_000;

    public static PaymentOverview Of(WaitingPayment payment) => new(
        payment.MessageId, payment.Index, payment.EndToEndId, payment.IsReceived, payment.Status, payment.RecordedAt / NanosPerMilli,
        payment.DeadlineAt / NanosPerMilli);
}
