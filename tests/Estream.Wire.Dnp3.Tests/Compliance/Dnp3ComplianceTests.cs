using Estream.Wire.Compliance;

namespace Estream.Wire.Dnp3.Tests.Compliance;

/// <summary>The master passes the compliance suite of adapters, except its checks of back-pressure.</summary>
public sealed class MasterComplianceTests
{
    public static TheoryData<string> Checks => MasterSubject.Checks(isBackPressure: false);

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Master_passes_compliance_check(string check) => WireAdapterCompliance.RunAsync(check, new MasterSubject());
}

/// <summary>The master passes the checks of back-pressure. A separate class, so that they run at the same time as the others.</summary>
public sealed class MasterBackPressureTests
{
    public static TheoryData<string> Checks => MasterSubject.Checks(isBackPressure: true);

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Master_passes_back_pressure_check(string check) => WireAdapterCompliance.RunAsync(check, new MasterSubject());
}
