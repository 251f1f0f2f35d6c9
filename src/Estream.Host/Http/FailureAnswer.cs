namespace Estream.Host.Http;

/// <summary>Turns an exception into an error response and logs the reason.</summary>
internal static partial class FailureAnswer
{
    private const int LoggedPerMinute = 30;

    public static IApplicationBuilder UseFailureAnswer(this WebApplication app)
    {
        RefusalBudget logged = new(LoggedPerMinute, app.Services.GetService<TimeProvider>() ?? TimeProvider.System);
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Host.Http");
        return app.Use(async (context, next) =>
        {
            try
            {
                await next(context).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client disconnected.
            }
            catch (BadHttpRequestException e) when (!context.Response.HasStarted)
            {
                await Answer.ErrorAsync(context, e.StatusCode, e.Message).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Log all exceptions here, because the log of Kestrel is disabled to avoid duplicates.
                if (logged.TryTake(out int unlogged))
                {
                    LogFailure(logger, context.Request.Path, unlogged, e);
                }

                if (context.Response.HasStarted)
                {
                    context.Abort();
                    return;
                }

                await Answer.ErrorAsync(context, StatusCodes.Status500InternalServerError,
                    "The request failed. The log of the host contains the reason.").ConfigureAwait(false);
            }
        });
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Error,
        Message = "The request {Path} failed ({Unlogged} earlier failures were not logged).")]
    private static partial void LogFailure(ILogger logger, string path, int unlogged, Exception exception);
}
