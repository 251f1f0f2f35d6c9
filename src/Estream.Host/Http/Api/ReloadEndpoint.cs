using Estream.Crypto;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary><c>PUT /api/reload</c> applies the configuration file to the running host, and makes adapters and queues read users,
/// permissions, certificates, revocation lists and trusted keys again. With <c>?dryRun=true</c>, it returns the changes and makes none.
/// Returns 200 on success, 409 if the configuration or a credential is refused, or a part did not follow the configuration.</summary>
internal static class ReloadEndpoint
{
    private const string DryRun = "dryRun";

    public static void MapReload(this IEndpointRouteBuilder app) =>
        app.MapPut("/api/reload", RunAsync).For(AccessRole.Admin);

    private static async Task RunAsync(HttpContext context)
    {
        string text = context.Request.Query[DryRun].ToString();
        if (!bool.TryParse(text.Length == 0 ? bool.FalseString : text, out bool isDryRun))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, $"{DryRun} must be true or false.").ConfigureAwait(false);
            return;
        }

        if (isDryRun)
        {
            AuditTrail.HasNoEffect(context);
        }

        ReloadReport report = context.RequestServices.GetService<HostReload>() is { } reload
            ? await reload.RunAsync(isDryRun, context.RequestAborted).ConfigureAwait(false)
            : new ReloadReport(ReloadStatus.Unchanged);
        AuditTrail.Describe(context, report.AuditDetails);
        context.Response.StatusCode = report.IsDone && report.Adapters.Concat(report.Queues).All(part => part.Status == "reloaded")
            ? StatusCodes.Status200OK
            : StatusCodes.Status409Conflict;
        await JsonBody.SendAsync(context, report, ApiJson.Default.ReloadReport).ConfigureAwait(false);
    }
}
