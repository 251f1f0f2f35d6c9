using System.Net;
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

        if (settings.Http.Socket is { } socket && !OperatingSystem.IsWindows())
        {
            // Behind the data plane, which refuses a second host on the same data.
            SocketFolder folder = new(socket);
            builder.Services.AddHostedService(_ => folder);
        }

        WebApplication app = builder.Build();

        // Counters are heard from the moment somebody listens, so this cannot wait for the first scrape.
        app.Services.GetRequiredService<MetricRegistry>();
        app.Services.GetRequiredService<ProcessMetrics>();
        app.Services.GetRequiredService<HostMetrics>();
        app.UseHttp(settings.Http);
        app.Lifetime.ApplicationStarted.Register(() => LogAddresses(app, settings.Http));
        return app;
    }

    /// <summary>The addresses as they are: the system may have chosen the port.</summary>
    private static void LogAddresses(WebApplication app, HttpSettings settings)
    {
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Host.Http");
        string[] addresses = [.. app.Urls];
        LogAddress(logger, addresses[0]);
        if (settings.ManagementPort is not null)
        {
            LogManagement(logger, addresses[1]);
        }

        IPAddress management = settings.ManagementAddress ?? settings.Address;
        if (settings.Certificate is null && !(settings.IsLoopback && IPAddress.IsLoopback(management)))
        {
            LogPlaintext(logger, settings.Address);
        }
    }

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "Console, REST, health and metrics on {Address}.")]
    private static partial void LogAddress(ILogger logger, string address);

    [LoggerMessage(EventId = 72, Level = LogLevel.Information, Message = "Health and metrics also on {Address}.")]
    private static partial void LogManagement(ILogger logger, string address);

    [LoggerMessage(EventId = 73, Level = LogLevel.Warning,
        Message = "HTTP on {Address} is not encrypted: tokens and messages can be read on their way. Set Estream:Http:Certificate, or use "
            + "a proxy with TLS.")]
    private static partial void LogPlaintext(ILogger logger, IPAddress address);
}
