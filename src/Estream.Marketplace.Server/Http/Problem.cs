using System.Text.Json;
using Estream.Marketplace.Server.Submission;
using Microsoft.AspNetCore.Http;

namespace Estream.Marketplace.Server.Http;

/// <summary>An error (RFC 9457) with a stable code. Immutable.</summary>
/// <param name="Type">The kind, <c>urn:estream:problem:CODE</c>.</param>
/// <param name="Title">The kind for people.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Detail">What happened, and what to do.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Reasons">The reasons of the governance circuit; null for other errors.</param>
internal sealed record Problem(string Type, string Title, int Status, string Detail, string Code, IReadOnlyList<string>? Reasons) : IResult
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/problem+json";

    private const string TypePrefix = "urn:estream:problem:";

    /// <summary>Creates a problem.</summary>
    public static Problem Of(int status, string code, string detail, IReadOnlyList<string>? reasons = null) =>
        new(TypePrefix + code, code.Replace('_', ' '), status, detail, code, reasons);

    /// <summary>Creates the problem of a refused submission.</summary>
    public static Problem Of(SubmissionFault fault) => Of(fault.Status, fault.Code, fault.Detail, fault.Reasons);

    /// <summary>Writes the answer.</summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        httpContext.Response.ContentType = MediaType;
        if (Status is 429 or 503)
        {
            httpContext.Response.Headers.RetryAfter = "1";
        }

        await httpContext.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(this, MarketplaceJson.Options),
            httpContext.RequestAborted).ConfigureAwait(false);
    }
}
