using Estream.Wire.Compliance;

namespace Estream.Wire.Modbus.Tests.Compliance;

/// <summary>The poller passes the compliance suite of adapters, except its checks of back-pressure.</summary>
public sealed class PollerComplianceTests
{
    public static TheoryData<string> Checks => PollerSubject.Checks(isBackPressure: false);

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Poller_passes_compliance_check(string check) => WireAdapterCompliance.RunAsync(check, new PollerSubject());
}

/// <summary>The poller passes the checks of back-pressure. A separate class, so that they run at the same time as the others.</summary>
public sealed class PollerBackPressureTests
{
    public static TheoryData<string> Checks => PollerSubject.Checks(isBackPressure: true);

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Poller_passes_back_pressure_check(string check) => WireAdapterCompliance.RunAsync(check, new PollerSubject());
}
