using Estream.Core;
using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Host.Http;
using Estream.Host.Metrics;
using Estream.Host.Telemetry;

namespace Estream.Host;

/// <summary>Puts the process together: configuration, logging, web server, data plane. Nothing runs before it is started.</summary>
internal static partial class HostApplication
{
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(45);

    public static WebApplication Build(IConfiguration configuration, EstreamSettings settings, EsfSchemaSet schemas)
    {
        // An empty builder: the usual defaults read further files, watch them, and add providers nobody here asked for.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "Estream.Host",
            ContentRootPath = AppContext.BaseDirectory,
        });
        HostLogging.Configure(builder.Logging, configuration);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_shutdownLimit);
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.AddHttp(settings.Http);
        if (settings.Telemetry is { } telemetry)
        {
            // Before the data plane, and so stopped behind it: what circuits trace last is sent too.
            builder.Services.AddHostedService(services =>
                new TelemetryExport(telemetry, services.GetRequiredService<IClock>(), services.GetRequiredService<ILoggerFactory>()));
        }

        builder.Services.AddEstream()
            .AddMqtt()
            .AddFix()
            .AddIso20022()
            .Add(settings, schemas);

        WebApplication app = builder.Build();

        // Counters are heard from the moment somebody listens, so this cannot wait for the first scrape.
        app.Services.GetRequiredService<MetricRegistry>();
        app.Services.GetRequiredService<ProcessMetrics>();
        app.Services.GetRequiredService<HostMetrics>();
        app.UseHttp(settings.Http);
        app.Lifetime.ApplicationStarted.Register(() => LogAddresses(app));
        return app;
    }

    /// <summary>The address as it is: the system may have chosen the port.</summary>
    private static void LogAddresses(WebApplication app)
    {
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Host.Http");
        foreach (string address in app.Urls)
        {
            LogAddress(logger, address);
        }
    }

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "Console, REST, health and metrics on {Address}.")]
    private static partial void LogAddress(ILogger logger, string address);
}
